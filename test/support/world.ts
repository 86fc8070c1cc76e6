import type { SagaContext } from 'nestjs-sagas';

/** What steps act on: it counts effects, and has gates at which steps wait until the test opens them. */
export class World {
  /** What was done, in order. */
  readonly deeds: string[];
  /** Calls by idempotency key. */
  readonly calls: Map<string, number>;
  private readonly gates: Map<string, Gate>;

  /** @param world the same one, as somebody else sees it */
  constructor(world?: World) {
    this.deeds = world?.deeds ?? [];
    this.calls = world?.calls ?? new Map<string, number>();
    this.gates = world?.gates ?? new Map<string, Gate>();
  }

  /** Says that something was done, and by which call where a context is given. */
  did(deed: string, context?: Pick<SagaContext, 'idempotencyKey'>): void {
    this.deeds.push(deed);
    if (context === undefined) return;
    this.calls.set(context.idempotencyKey, (this.calls.get(context.idempotencyKey) ?? 0) + 1);
  }

  gate(name: string): Gate {
    const gate = this.gates.get(name) ?? new Gate();
    this.gates.set(name, gate);
    return gate;
  }

  /** So that no test leaves a step waiting. */
  openAll(): void {
    for (const gate of this.gates.values()) gate.open();
  }
}

/** Holds back whoever passes until the test opens it; from then on it stands open. */
export class Gate {
  private readonly opening = deferred();
  private readonly arrival = deferred();
  private arrivals = 0;

  /** How many came so far. */
  get came(): number {
    return this.arrivals;
  }

  /** Resolves when the first one has come. */
  get reached(): Promise<void> {
    return this.arrival.promise;
  }

  /** @param signal where given, its abort ends the waiting with its reason */
  async pass(signal?: AbortSignal): Promise<void> {
    this.arrivals += 1;
    this.arrival.resolve();
    await (signal === undefined ? this.opening.promise : Promise.race([this.opening.promise, rejectionOf(signal)]));
  }

  open(): void {
    this.opening.resolve();
  }
}

/** Resolves when the signal aborts. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

async function rejectionOf(signal: AbortSignal): Promise<never> {
  await aborted(signal);
  throw signal.reason as Error;
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}
