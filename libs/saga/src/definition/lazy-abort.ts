/** An AbortController whose signal is made when it is first asked for: a signal costs as much as the rest of an attempt, and few ask. */
export class LazyAbort {
  private controller: AbortController | undefined;
  private given: { readonly reason: Error } | undefined;
  private listeners: (() => void)[] | undefined;

  /** Why it was aborted; undefined: it was not. The first reason stays. */
  get reason(): Error | undefined {
    return this.given?.reason;
  }

  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController();
      if (this.given !== undefined) this.controller.abort(this.given.reason);
    }
    return this.controller.signal;
  }

  /** Calls `listener` once it is aborted; at once where it is. */
  onAbort(listener: () => void): void {
    if (this.given !== undefined) listener();
    else (this.listeners ??= []).push(listener);
  }

  throwIfAborted(): void {
    if (this.given !== undefined) throw this.given.reason;
  }

  abort(reason: Error): void {
    if (this.given !== undefined) return;
    this.given = { reason };
    this.controller?.abort(reason);
    for (const listener of this.listeners ?? []) listener();
  }
}
