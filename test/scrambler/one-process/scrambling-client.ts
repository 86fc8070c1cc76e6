import { createHash } from 'node:crypto';

import { type ClientOptions, ClientProxy, ClientProxyFactory, type CustomClientOptions } from '@nestjs/microservices';
import { Observable } from 'rxjs';

import { ClientBetween } from '../../support/client-between.js';

/** What becomes of one message: a delay in milliseconds for each time that it arrives; none: it is lost. */
type Fate = readonly number[];

/** Each attempt of a command has a fate of its own, which the seed alone decides: a run that failed can be had again. */
export interface ScramblerOptions {
  readonly seed: number;
  /** The longest delay, in milliseconds. */
  readonly longest: number;
}

interface Sent {
  /** Names the saga, whose id is another in each run. */
  readonly payload: { readonly account: string };
  readonly step: string;
  readonly item?: number;
  readonly direction: string;
  readonly round: number;
  readonly attempt: number;
}

/** A network that loses, repeats, delays and so reorders messages, both ways, between an orchestrator and one participant. */
export class Scrambler {
  /** What happened to how many messages. */
  readonly counts = { sent: 0, lost: 0, repeated: 0, late: 0 };
  private underWay = 0;
  private readonly inner: ClientProxy;
  /** For `participants` of `forRoot`. */
  readonly client: CustomClientOptions = { customClass: ScramblingClient, options: { scrambler: this } };

  constructor(
    to: ClientOptions,
    private readonly options: ScramblerOptions,
  ) {
    this.inner = ClientProxyFactory.create(to);
  }

  /** Nothing is on its way, in either direction. */
  get isQuiet(): boolean {
    return this.underWay === 0;
  }

  send(pattern: unknown, message: Sent): Observable<unknown> {
    this.counts.sent += 1;
    return new Observable((answer) => {
      this.carry(this.fateOf('there', message), () => {
        this.underWay += 1;
        let answered = false;
        this.inner.send<unknown, Sent>(pattern, message).subscribe({
          next: (reply) => {
            answered = true;
            this.carry(this.fateOf('back', message), () => answer.next(reply));
          },
          // Of a broken connection the sender learns as of any.
          error: (error: unknown) => {
            this.underWay -= 1;
            if (!answered) answer.error(error);
          },
          complete: () => (this.underWay -= 1),
        });
      });
    });
  }

  async close(): Promise<void> {
    await this.inner.close();
  }

  private carry(fate: Fate, arrive: () => void): void {
    if (fate.length === 0) this.counts.lost += 1;
    if (fate.length > 1) this.counts.repeated += 1;
    for (const delay of fate) {
      if (delay > 0) this.counts.late += 1;
      this.underWay += 1;
      setTimeout(() => {
        this.underWay -= 1;
        arrive();
      }, delay);
    }
  }

  private fateOf(way: 'there' | 'back', { payload, step, item, direction, round, attempt }: Sent): Fate {
    const name = [this.options.seed, way, payload.account, step, item, direction, round, attempt].join(' ');
    const lot = createHash('sha256').update(name).digest();
    const [happening = 0, first = 0, second = 0] = lot;
    const delay = (byte: number): number => (byte < 128 ? 0 : Math.round(((byte - 128) / 128) * this.options.longest));
    // A fifth is lost, a fifth arrives twice.
    if (happening < 51) return [];
    return happening < 102 ? [delay(first), delay(second)] : [delay(first)];
  }
}

class ScramblingClient extends ClientBetween {
  constructor(private readonly options: { readonly scrambler: Scrambler }) {
    super();
  }

  override send<Result, Input>(pattern: unknown, data: Input): Observable<Result> {
    return this.options.scrambler.send(pattern, data as Sent) as Observable<Result>;
  }

  async connect(): Promise<void> {}

  async close(): Promise<void> {
    await this.options.scrambler.close();
  }
}
