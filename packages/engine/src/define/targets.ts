/**
 * What XState leaves unchecked: that a transition's target exists. `#id` and nested targets (`a.b`, `.child`) are checked
 * when the machine is defined, as are configs whose states are not known to the compiler.
 *
 * The type has the shape of `Config` and demands nothing of it (`unknown`), except at a target that is no sibling and at
 * a `src` that is no name. It has to keep out of the way of XState's own types, which give the config's functions their
 * parameters: while `Config` is being inferred, XState's config type stands in for it, and then there is no demand at all.
 */
export type ValidTargets<Config> = string extends ChildOf<Config> ? unknown : ValidState<Config, never>;

/** What a target that leads nowhere is held against, for the error message: `"dona"` is not a `SiblingState<"done">`. */
export interface SiblingState<Name extends string> {
  readonly name: Name;
}

type ValidState<Config, Sibling extends string> = {
  readonly [Key in keyof Config]: Key extends 'initial'
    ? ValidInitial<Config[Key], ChildOf<Config>>
    : Key extends 'states'
      ? { readonly [Name in keyof Config[Key]]: ValidState<Config[Key][Name], ChildOf<Config>> }
      : Key extends 'invoke'
        ? ValidInvoke<Config[Key], Sibling>
        : Key extends 'on' | 'after'
          ? { readonly [Trigger in keyof Config[Key]]: ValidTransition<Config[Key][Trigger], Sibling> }
          : Key extends 'always' | 'onDone'
            ? ValidTransition<Config[Key], Sibling>
            : unknown;
};

/** One invoke, or a list of them. */
type ValidInvoke<Invoke, Sibling extends string> = Invoke extends readonly unknown[]
  ? { readonly [Index in keyof Invoke]: ValidInvoke<Invoke[Index], Sibling> }
  : {
      readonly [Key in keyof Invoke]: Key extends 'src'
        ? string
        : Key extends 'onDone' | 'onError'
          ? ValidTransition<Invoke[Key], Sibling>
          : unknown;
    };

/** A target, an object that may hold one, or a list of both. */
type ValidTransition<Transition, Sibling extends string> = Transition extends string
  ? ValidTarget<Transition, Sibling>
  : Transition extends readonly unknown[]
    ? { readonly [Index in keyof Transition]: ValidTransition<Transition[Index], Sibling> }
    : {
        readonly [Key in keyof Transition]: Key extends 'target'
          ? ValidTransition<Transition[Key], Sibling>
          : unknown;
      };

type ValidTarget<Target extends string, Sibling extends string> = Target extends
  | Sibling
  | `#${string}`
  | `${string}.${string}`
  ? unknown
  : SiblingState<Sibling>;

/** The name of a child, or an object that holds it. */
type ValidInitial<Initial, Child extends string> = Initial extends string
  ? Initial extends Child
    ? unknown
    : SiblingState<Child>
  : { readonly [Key in keyof Initial]: Key extends 'target' ? ValidInitial<Initial[Key], Child> : unknown };

type ChildOf<Config> = Config extends { readonly states?: infer States }
  ? keyof NonNullable<States> & string
  : never;
