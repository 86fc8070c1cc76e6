import type { Observation } from './observation.js';

const ENDS: ReadonlySet<string> = new Set(['saga-completed', 'saga-compensated', 'saga-stuck']);

/** Tells those who wait for a saga that this process has seen it end. */
export class EndWatch {
  private readonly waiting = new Map<string, Set<() => void>>();

  observe(observation: Observation): void {
    if (observation.kind !== 'recorded' || !ENDS.has(observation.entry.kind)) return;
    for (const tell of this.waiting.get(observation.saga.id) ?? []) tell();
  }

  /** Resolves when the end was seen, or when the time is over. */
  seen(sagaId: string, withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const tell = (): void => {
        clearTimeout(timer);
        this.forget(sagaId, tell);
        resolve();
      };
      const timer = setTimeout(tell, withinMs);
      this.waiting.set(sagaId, (this.waiting.get(sagaId) ?? new Set()).add(tell));
    });
  }

  /** Nothing more will be seen here. */
  tellAll(): void {
    for (const waiting of [...this.waiting.values()]) for (const tell of [...waiting]) tell();
  }

  private forget(sagaId: string, tell: () => void): void {
    const others = this.waiting.get(sagaId);
    others?.delete(tell);
    if (others?.size === 0) this.waiting.delete(sagaId);
  }
}
