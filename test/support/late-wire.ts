import { type ClientOptions, type ClientProxy, ClientProxyFactory, type CustomClientOptions } from '@nestjs/microservices';
import { Observable } from 'rxjs';

import type { CommandMessage, CommandReply } from '../../libs/saga/src/participant/protocol.js';
import { ClientBetween } from './client-between.js';
import { eventually } from './eventually.js';

/** A reply on its way. */
export interface LateReply {
  readonly reply: CommandReply;
  arrive(): void;
}

/** A way to a participant on which some replies wait until the test lets them arrive. */
export class LateWire {
  /** Which replies wait. */
  isLate: (message: CommandMessage) => boolean = () => false;
  /** For `participants` of `forRoot`. */
  readonly client: CustomClientOptions = { customClass: LateClient, options: { wire: this } };
  private readonly inner: ClientProxy;
  private readonly late: (LateReply & { readonly message: CommandMessage })[] = [];

  constructor(to: ClientOptions) {
    this.inner = ClientProxyFactory.create(to);
  }

  /** The reply that waits, to the forward attempt of this number. */
  async replyTo(attempt: number): Promise<LateReply> {
    const found = await eventually(
      () => this.late.find(({ message }) => message.direction === 'forward' && message.attempt === attempt),
      (reply) => reply !== undefined,
    );
    return found as LateReply;
  }

  send(pattern: unknown, message: CommandMessage): Observable<CommandReply> {
    return new Observable((answer) => {
      this.inner.send<CommandReply, CommandMessage>(pattern, message).subscribe({
        next: (reply) => {
          if (this.isLate(message)) this.late.push({ message, reply, arrive: () => answer.next(reply) });
          else answer.next(reply);
        },
        error: (error: unknown) => answer.error(error),
      });
    });
  }

  async close(): Promise<void> {
    await this.inner.close();
  }
}

class LateClient extends ClientBetween {
  constructor(private readonly options: { readonly wire: LateWire }) {
    super();
  }

  override send<Result, Input>(pattern: unknown, data: Input): Observable<Result> {
    return this.options.wire.send(pattern, data as CommandMessage) as Observable<Result>;
  }

  async connect(): Promise<void> {}

  async close(): Promise<void> {
    await this.options.wire.close();
  }
}
