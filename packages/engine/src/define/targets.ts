/**
 * What XState leaves unchecked: that a transition's target exists. The type names, for every state of `Config`, the
 * siblings that may be targeted. `#id` and nested targets (`a.b`, `.child`) are checked when the machine is defined.
 */
export type ValidTargets<Config> = ValidNode<Config, never>;

type ValidNode<Config, Sibling extends string> = {
  readonly initial?: Key<StatesOf<Config>> | { readonly target: Key<StatesOf<Config>> } | undefined;
  readonly states?:
    | { readonly [K in keyof StatesOf<Config>]: ValidNode<StatesOf<Config>[K], Key<StatesOf<Config>>> }
    | undefined;
  readonly invoke?: OneOrMany<ValidInvoke<Sibling>>;
  readonly on?: { readonly [event: string]: ValidTransition<Sibling> | undefined };
  readonly after?: { readonly [delay: string | number]: ValidTransition<Sibling> | undefined };
  readonly always?: ValidTransition<Sibling>;
  readonly onDone?: ValidTransition<Sibling> | undefined;
};

interface ValidInvoke<Sibling extends string> {
  /** The name of a step; actor logic in place of a name could not be journalled. */
  readonly src: string;
  readonly onDone?: ValidTransition<Sibling>;
  readonly onError?: ValidTransition<Sibling>;
}

type ValidTransition<Sibling extends string> = OneOrMany<
  Target<Sibling> | { readonly target?: OneOrMany<Target<Sibling>> }
>;

type Target<Sibling extends string> = Sibling | `#${string}` | `${string}.${string}` | undefined;

type OneOrMany<T> = T | readonly T[];
type Key<States> = keyof States & string;
type StatesOf<Config> = Config extends { readonly states?: infer States } ? NonNullable<States> : {};
