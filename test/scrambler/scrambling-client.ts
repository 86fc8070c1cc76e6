import { type ClientOptions, ClientProxy, ClientProxyFactory, type CustomClientOptions } from '@nestjs/microservices';
import { Observable } from 'rxjs';

import { ClientBetween } from '../support/client-between.js';
import { type Fate, fateOf, type Travelling } from './fates.js';

/** What happened to a message. */
export type Happening = 'sent' | 'lost' | 'repeated' | 'late';

export interface ScramblerOptions {
  readonly seed: number;
  /** What the network brings later, whatever becomes of its sender meanwhile. */
  keep(kept: { readonly pattern: unknown; readonly message: unknown; readonly afterMs: number }): void;
  count(happening: Happening): void;
}

/** For `participants` of `forRoot`: between an orchestrator and one participant messages are lost, repeated, delayed and so reordered. */
export function scramble(to: ClientOptions, options: ScramblerOptions): CustomClientOptions {
  return { customClass: ScramblingClient, options: { ...options, inner: ClientProxyFactory.create(to) } };
}

class ScramblingClient extends ClientBetween {
  constructor(private readonly options: ScramblerOptions & { readonly inner: ClientProxy }) {
    super();
  }

  override send<Result, Input>(pattern: unknown, data: Input): Observable<Result> {
    const { seed, keep, inner, count } = this.options;
    const message = data as Travelling;
    count('sent');
    return new Observable((answer) => {
      const there = this.told(fateOf(seed, 'there', message));
      for (const afterMs of there.kept) keep({ pattern, message, afterMs });
      this.carry(there.carried, () => {
        let answered = false;
        inner.send<Result, Travelling>(pattern, message).subscribe({
          next: (reply) => {
            answered = true;
            const back = this.told(fateOf(seed, 'back', message));
            this.carry([...back.carried, ...back.kept], () => answer.next(reply));
          },
          // Of a broken connection the sender learns as of any; but not that nobody took what the network has kept: it will be taken.
          error: (error: unknown) => {
            if (!answered && there.kept.length === 0) answer.error(error);
          },
        });
      });
    });
  }

  /** As of any client: what cannot be sent is told before it is. */
  async connect(): Promise<unknown> {
    return this.options.inner.connect();
  }

  async close(): Promise<void> {
    await this.options.inner.close();
  }

  private told(fate: Fate): Fate {
    const { count } = this.options;
    const arrivals = [...fate.carried, ...fate.kept];
    if (arrivals.length === 0) count('lost');
    if (arrivals.length > 1) count('repeated');
    for (const delay of arrivals) if (delay > 0) count('late');
    return fate;
  }

  private carry(delays: readonly number[], arrive: () => void): void {
    for (const delay of delays) setTimeout(arrive, delay);
  }
}
