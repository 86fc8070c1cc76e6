/** A signal's name, with the type of what it carries. Declared once, used by the step that waits and by whoever sends. */
export interface Signal<P> {
  readonly name: string;
  /** Never there: it carries the type alone. */
  readonly payload?: P;
}

export function defineSignal<P = void>(name: string): Signal<P> {
  return { name };
}
