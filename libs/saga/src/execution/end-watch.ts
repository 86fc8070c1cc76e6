import type { RegisteredSaga } from '../definition/registered-saga.js';
import type { SagaInstance } from '../planning/definition.js';
import type { SagaState } from '../planning/state.js';
import { EmptiedMap } from './emptied-map.js';
import type { Observation } from './observation.js';
import { after } from './timers.js';

const ENDS: ReadonlySet<string> = new Set(['saga-completed', 'saga-compensated', 'saga-stuck']);

/** A saga that ended in the memory of this process: its end is durable, and nothing need be asked of the store. */
export interface SeenEnd {
  readonly saga: SagaInstance;
  readonly registered: RegisteredSaga;
  readonly state: SagaState;
}

type Tell = (end?: SeenEnd) => void;

/** Tells those who wait for a saga that this process has seen it end, or that it runs here no more. */
export class EndWatch {
  private readonly waiting = new EmptiedMap<Set<Tell>>();

  observe(observation: Observation): void {
    if (observation.kind === 'recorded' && ENDS.has(observation.entry.kind)) this.tell(observation.saga.id);
  }

  /** @param end what is known of it; left out: the store knows more */
  tell(sagaId: string, end?: SeenEnd): void {
    for (const tell of this.waiting.get(sagaId) ?? []) tell(end);
  }

  /** Resolves when the end was seen, when the saga left this process, or when the time is over. */
  seen(sagaId: string, withinMs: number): Promise<SeenEnd | undefined> {
    return new Promise((resolve) => {
      const tell: Tell = (end) => {
        stopTimer();
        this.forget(sagaId, tell);
        resolve(end);
      };
      const stopTimer = withinMs === Infinity ? () => undefined : after(withinMs, tell);
      const waiting = this.waiting.get(sagaId);
      if (waiting === undefined) this.waiting.set(sagaId, new Set([tell]));
      else waiting.add(tell);
    });
  }

  /** Nothing more will be seen here. */
  tellAll(): void {
    for (const sagaId of this.waiting.keys()) this.tell(sagaId);
  }

  private forget(sagaId: string, tell: Tell): void {
    const others = this.waiting.get(sagaId);
    others?.delete(tell);
    if (others?.size === 0) this.waiting.delete(sagaId);
  }
}
