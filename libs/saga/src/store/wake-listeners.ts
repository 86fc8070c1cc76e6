import { Logger } from '@nestjs/common';

/** Those in this process who asked to be called when a saga is due. */
export class WakeListeners {
  private readonly logger = new Logger('SagaStore');
  private readonly listeners = new Set<{ readonly wake: (sagaId: string) => void }>();

  /** Returns how to stop it. */
  add(wake: (sagaId: string) => void): () => void {
    const listener = { wake };
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Calls each, after the current work: a listener that throws stops neither the write that woke it nor the others. */
  wake(sagaId: string): void {
    queueMicrotask(() => {
      for (const listener of this.listeners) this.call(listener.wake, sagaId);
    });
  }

  clear(): void {
    this.listeners.clear();
  }

  private call(wake: (sagaId: string) => void, sagaId: string): void {
    try {
      wake(sagaId);
    } catch (error) {
      this.logger.error(`A listener of wakes threw for saga ${sagaId}`, error instanceof Error ? error.stack : String(error));
    }
  }
}
