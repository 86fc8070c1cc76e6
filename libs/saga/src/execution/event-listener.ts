import type { EventBus } from '@nestjs/cqrs';
import { Subscription } from 'rxjs';

import type { AwaitedEvent } from '../definition/registered-saga.js';
import type { SagaRegistry } from '../definition/saga-registry.js';
import { encodePayload } from '../planning/payload.js';
import type { Mail } from '../store/mail.js';
import { type MessageBuses, SagaWiringError } from './message-starter.js';
import type { Observer } from './observation.js';
import { requireKey } from './saga-input.js';

/** One event that sagas of one name wait for, whatever their versions. */
interface Awaited {
  readonly saga: string;
  readonly event: AwaitedEvent['event'];
  readonly name: string;
  readonly keys: AwaitedEvent['keyOf'][];
  readonly maxPayload: number;
}

/** Hands events of the EventBus to the sagas that wait for them, now or later. [R27] */
export class EventListener {
  private readonly subscriptions = new Subscription();
  private readonly underWay = new Set<Promise<void>>();

  constructor(
    private readonly registry: SagaRegistry,
    private readonly post: (mail: Mail) => Promise<void>,
    private readonly observe: Observer,
  ) {}

  /** @throws SagaWiringError where a saga waits for an event and the application has no EventBus */
  bind({ eventBus }: MessageBuses): void {
    for (const awaited of awaitedBy(this.registry)) {
      const bus = required(eventBus, awaited);
      this.subscriptions.add(
        bus.subscribe((event) => {
          if (event instanceof awaited.event) this.keep(this.hand(event, awaited));
        }),
      );
    }
  }

  /** Hears no more events, and waits until those that it has heard are durable. */
  async unbind(): Promise<void> {
    this.subscriptions.unsubscribe();
    await Promise.allSettled(this.underWay);
  }

  private keep(handing: Promise<void>): void {
    this.underWay.add(handing);
    void handing.finally(() => this.underWay.delete(handing));
  }

  /** Whoever published the event waits for nobody: what goes wrong is said in the log. */
  private async hand(event: object, { saga, name, keys, maxPayload }: Awaited): Promise<void> {
    try {
      const payload = encodePayload(event, maxPayload);
      const { sagaKeys, fault } = keysOf(event, { keys, name });
      for (const sagaKey of sagaKeys)
        await this.post({ to: { sagaName: saga, sagaKey }, channel: 'event', name, ...(payload !== undefined && { payload }) });
      if (fault !== undefined)
        this.observe({
          kind: 'event-refused',
          name: saga,
          message: name,
          error: fault.error,
          ...(sagaKeys.size > 0 && { partly: true as const }),
        });
    } catch (error) {
      this.observe({ kind: 'event-refused', name: saga, message: name, error });
    }
  }
}

/** One wait's key that is none, as for a version that knows an older event, must not keep the event from the others. [R32] */
function keysOf(
  event: object,
  { keys, name }: Pick<Awaited, 'keys' | 'name'>,
): { readonly sagaKeys: ReadonlySet<string>; readonly fault: { readonly error: unknown } | undefined } {
  const sagaKeys = new Set<string>();
  let fault: { readonly error: unknown } | undefined;
  for (const keyOf of keys) {
    try {
      sagaKeys.add(requireKey(keyOf(event), `the key of ${name}`));
    } catch (error) {
      fault ??= { error };
    }
  }
  return { sagaKeys, fault };
}

/** By saga and event class, the highest version first: an event is posted once for each key that it has. */
function awaitedBy(registry: SagaRegistry): Iterable<Awaited> {
  const found = new Map<string, Map<unknown, Awaited>>();
  for (const { definition, awaitedEvents } of registry.all()) {
    const ofSaga = found.get(definition.name) ?? new Map<unknown, Awaited>();
    found.set(definition.name, ofSaga);
    for (const { event, name, keyOf } of awaitedEvents) {
      const { maxPayload } = definition;
      const awaited = ofSaga.get(event) ?? { saga: definition.name, event, name, keys: [], maxPayload };
      awaited.keys.push(keyOf);
      ofSaga.set(event, awaited);
    }
  }
  return [...found.values()].flatMap((ofSaga) => [...ofSaga.values()]);
}

function required(bus: EventBus | undefined, { saga, name }: Awaited): EventBus {
  if (bus !== undefined) return bus;
  throw new SagaWiringError(`${saga} waits for ${name}, but there is no EventBus. Import CqrsModule.forRoot() in the root module.`, {
    saga,
  });
}
