import { connect, type Socket } from 'node:net';

import { eventually } from '../support/eventually.js';
import { framed, onPackets, type Packet } from './packets.js';

/** Talks to one participant over one TCP connection. */
export class HandMadeOrchestrator {
  readonly received: Packet[] = [];
  /** The other side ended the connection. */
  readonly ended: Promise<void>;
  private ids = 0;

  private constructor(private readonly socket: Socket) {
    onPackets(socket, (packet) => this.received.push(packet));
    this.ended = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => undefined);
  }

  static async connect(port: number): Promise<HandMadeOrchestrator> {
    const socket = connect({ host: '127.0.0.1', port });
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new HandMadeOrchestrator(socket);
  }

  /** The packet that answers it. */
  async ask(data: unknown, pattern: unknown = 'nestjs-sagas.ledger'): Promise<Packet> {
    const id = `request ${++this.ids}`;
    this.write(framed({ pattern, id, data }));
    return this.answerTo(id);
  }

  /** Wants no answer. */
  tell(data: unknown): void {
    this.write(framed({ pattern: 'nestjs-sagas.ledger', data }));
  }

  async answerTo(id: string): Promise<Packet> {
    const answers = () => this.received.filter((packet) => packet.id === id);
    const [answer] = await eventually(answers, ({ length }) => length > 0);
    return answer as Packet;
  }

  /** Anything. */
  write(text: string | Buffer): void {
    this.socket.write(text);
  }

  close(): void {
    this.socket.destroy();
  }
}
