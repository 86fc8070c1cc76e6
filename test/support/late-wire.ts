import { type ClientOptions, type ClientProxy, ClientProxyFactory, type CustomClientOptions } from '@nestjs/microservices';
import { Observable } from 'rxjs';

import type { CommandMessage, CommandReply } from '../../libs/saga/src/participant/protocol.js';
import { ClientBetween } from './client-between.js';
import { eventually } from './eventually.js';

interface Late {
  readonly message: CommandMessage;
}

export interface LateCommand extends Late {
  /** Resolves with what its participant says, wherever the one is who sent it. */
  arrive(): Promise<CommandReply>;
}

export interface LateReply extends Late {
  readonly reply: CommandReply;
  arrive(): void;
}

/** Which messages wait. */
export type IsLate = (message: CommandMessage) => boolean;

export const forwardAttempt =
  (...attempts: readonly number[]): IsLate =>
  ({ direction, attempt }) =>
    direction === 'forward' && attempts.includes(attempt);

/** A way to a participant on which some messages wait until the test lets them arrive. It outlives the nodes that use it. */
export class LateWire {
  /** All commands that were sent, in order. */
  readonly sent: CommandMessage[] = [];
  isLateCommand: IsLate = () => false;
  isLateReply: IsLate = () => false;
  /** For `participants` of `forRoot`. */
  readonly client: CustomClientOptions = { customClass: LateClient, options: { wire: this } };
  private readonly inner: ClientProxy;
  private readonly commands: LateCommand[] = [];
  private readonly replies: LateReply[] = [];

  constructor(to: ClientOptions) {
    this.inner = ClientProxyFactory.create(to);
  }

  /** The command of this attempt, which waits. */
  async command(attempt: number, direction: CommandMessage['direction'] = 'forward'): Promise<LateCommand> {
    return found(this.commands, { attempt, direction });
  }

  /** The reply to this forward attempt, which waits. */
  async reply(attempt: number): Promise<LateReply> {
    return found(this.replies, { attempt, direction: 'forward' });
  }

  send(pattern: unknown, message: CommandMessage): Observable<CommandReply> {
    this.sent.push(message);
    return new Observable((answer) => {
      const arrive = async (): Promise<CommandReply> =>
        new Promise((resolve, reject) => {
          this.inner.send<CommandReply, CommandMessage>(pattern, message).subscribe({
            next: (reply) => {
              resolve(reply);
              if (this.isLateReply(message)) this.replies.push({ message, reply, arrive: () => answer.next(reply) });
              else answer.next(reply);
            },
            error: (error: Error) => {
              reject(error);
              answer.error(error);
            },
          });
        });
      if (this.isLateCommand(message)) this.commands.push({ message, arrive });
      // Whoever sent it is told of what goes wrong.
      else arrive().catch(() => undefined);
    });
  }

  async close(): Promise<void> {
    await this.inner.close();
  }
}

async function found<L extends Late>(
  late: readonly L[],
  { attempt, direction }: Pick<CommandMessage, 'attempt' | 'direction'>,
): Promise<L> {
  const one = await eventually(
    () => late.find(({ message }) => message.direction === direction && message.attempt === attempt),
    (message) => message !== undefined,
  );
  return one as L;
}

class LateClient extends ClientBetween {
  constructor(private readonly options: { readonly wire: LateWire }) {
    super();
  }

  override send<Result, Input>(pattern: unknown, data: Input): Observable<Result> {
    return this.options.wire.send(pattern, data as CommandMessage) as Observable<Result>;
  }

  async connect(): Promise<void> {}

  close(): void {}
}
