/** A signal's name, with the type of what it carries. Declared once, used by the step that waits and by whoever sends. */
export interface Signal<P> {
  /** Stable: a waiting saga knows it by this name. */
  readonly name: string;
  /** Never there: it carries the type alone. */
  readonly payload?: P;
}

/** Declares a signal: `export const approval = defineSignal<Decision>('approval')`. */
export function defineSignal<P = void>(name: string): Signal<P> {
  return { name };
}
