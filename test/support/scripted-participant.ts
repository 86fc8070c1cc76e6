import { ClientProxy, type CustomClientOptions, type ReadPacket, type WritePacket } from '@nestjs/microservices';

import type { CommandMessage, CommandReply } from '../../libs/saga/src/participant/protocol.js';
import { faultsOfCommand } from '../../libs/saga/src/participant/protocol-schema.fixture.js';
import { eventually } from './eventually.js';

/** A command that came over the wire, and the way back. */
export interface Delivery {
  readonly pattern: unknown;
  readonly message: CommandMessage;
  /** Anything can come over a wire. It may be called twice. */
  reply(answer: CommandReply | { readonly garbled: unknown }): void;
  /** The connection breaks, or was never made. */
  breaks(error: object): void;
}

/** The other end of a wire that the test holds in its hands: it answers late, twice, badly or never. */
export class ScriptedParticipant {
  readonly deliveries: Delivery[] = [];
  /** What it does with a command, at once. Left alone it does nothing. */
  answers: (delivery: Delivery) => void = () => undefined;

  /** For `participants` of `forRoot`. */
  readonly client: CustomClientOptions = { customClass: ScriptedClient, options: { participant: this } };

  /** As the sequence of what the wire carried: `forward 1`, `compensation 1`. */
  get received(): readonly string[] {
    return this.deliveries.map(({ message: { direction, attempt } }) => `${direction} ${attempt}`);
  }

  /** @param number 1-based */
  async delivery(number: number): Promise<Delivery> {
    await eventually(
      () => this.deliveries.length,
      (length) => length >= number,
    );
    return this.deliveries[number - 1] as Delivery;
  }

  take(delivery: Delivery): void {
    this.deliveries.push(delivery);
    this.answers(delivery);
  }
}

class ScriptedClient extends ClientProxy {
  constructor(private readonly options: { readonly participant: ScriptedParticipant }) {
    super();
  }

  async connect(): Promise<void> {}

  close(): void {}

  unwrap<T>(): T {
    throw new Error('nothing is underneath');
  }

  protected publish({ pattern, data }: ReadPacket, answer: (packet: WritePacket) => void): () => void {
    this.options.participant.take({
      pattern,
      message: overTheWire(data),
      reply: (given) => answer({ response: 'garbled' in given ? given.garbled : given, isDisposed: true }),
      breaks: (err) => answer({ err }),
    });
    return () => undefined;
  }

  protected async dispatchEvent<T>(): Promise<T> {
    throw new Error('a command is no event');
  }
}

/** A wire carries text; and whatever a saga sends is a command as the protocol has it. */
function overTheWire(data: unknown): CommandMessage {
  const faults = faultsOfCommand(data);
  if (faults.length > 0) throw new Error(`${JSON.stringify(data)} is no command of the protocol: ${faults.join('; ')}`);
  return JSON.parse(JSON.stringify(data)) as CommandMessage;
}
