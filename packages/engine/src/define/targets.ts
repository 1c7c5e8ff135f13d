/**
 * What XState leaves unchecked: that a transition's target exists, and that an event in `on` is a signal of the workflow. `#id`
 * and nested targets (`a.b`, `.child`) are checked when the machine is defined, as are events in capitals, which the machine has to
 * raise itself, and configs whose states are not known to the compiler.
 *
 * The type has the shape of `Config` and demands nothing of it (`unknown`), except at a target that is no sibling, an event that is
 * no signal and a `src` that is no name. It has to keep out of the way of XState's own types, which give the config's functions their
 * parameters: while `Config` is being inferred, XState's config type stands in for it, and then there is no demand at all.
 */
export type ValidTargets<Config, Signal extends string> =
  string extends ChildOf<Config> ? unknown : ValidState<Config, never, Signal>;

/** What a target that leads nowhere is held against, for the error message: `"dona"` is not a `SiblingState<"done">`. */
export interface SiblingState<Name extends string> {
  readonly name: Name;
}

/** What an event that is no signal is held against, for the error message. */
export interface DeclaredSignal<Name extends string> {
  readonly signal: Name;
}

type ValidState<Config, Sibling extends string, Signal extends string> = {
  readonly [Key in keyof Config]: Key extends 'initial'
    ? ValidInitial<Config[Key], ChildOf<Config>>
    : Key extends 'states'
      ? { readonly [Name in keyof Config[Key]]: ValidState<Config[Key][Name], ChildOf<Config>, Signal> }
      : Key extends 'invoke'
        ? ValidInvoke<Config[Key], Sibling>
        : Key extends 'on'
          ? {
              readonly [Event in keyof Config[Key]]: ValidHandler<Event, Config[Key][Event], Sibling, Signal>;
            }
          : Key extends 'after'
            ? { readonly [Delay in keyof Config[Key]]: ValidTransition<Config[Key][Delay], Sibling> }
            : Key extends 'always' | 'onDone'
              ? ValidTransition<Config[Key], Sibling>
              : unknown;
};

/** A signal, `*` for all of them, or what the machine raises to itself or XState to it. */
type ValidHandler<Event, Transition, Sibling extends string, Signal extends string> = Event extends
  | Signal
  | '*'
  | Uppercase<string>
  | `xstate.${string}`
  ? ValidTransition<Transition, Sibling>
  : DeclaredSignal<Signal>;

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
