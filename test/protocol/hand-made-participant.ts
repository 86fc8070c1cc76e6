import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

import { type Command, type Handler, HandMadeFence } from './hand-made-fence.js';
import { framed, onPackets, type Packet } from './packets.js';

/** What becomes of an answer on its way. */
type Fate = 'arrives' | 'is lost' | { readonly instead: string };

/** In the place of a handler that is not there. */
const UNKNOWN: Handler = {
  external: false,
  run: ({ command }) => ({ end: 'failed', error: { code: 'SAGA_UNKNOWN_COMMAND', message: command } }),
};

/** A participant over TCP that knows nothing but the protocol. */
export class HandMadeParticipant {
  /** All that came, in order. */
  readonly received: Packet[] = [];
  readonly handlers = new Map<string, Handler>();
  fate: (command: Command & { readonly attempt: number }) => Fate = () => 'arrives';
  private readonly fence = new HandMadeFence();
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly name: string,
    private readonly server: Server,
  ) {
    server.on('connection', (socket) => this.serve(socket));
  }

  static async start(name: string): Promise<HandMadeParticipant> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new HandMadeParticipant(name, server);
  }

  answerLater(...answer: Parameters<HandMadeFence['answerLater']>): void {
    this.fence.answerLater(...answer);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket)).on('error', () => undefined);
    onPackets(socket, (packet) => {
      this.received.push(packet);
      this.answer(socket, packet);
    });
  }

  private answer(socket: Socket, { pattern, id, data }: Packet): void {
    if (pattern !== `nestjs-sagas.${this.name}`) {
      socket.write(framed({ id, status: 'error', err: 'There is no matching message handler defined in the remote service.' }));
      return;
    }
    const command = data as Command & { readonly attempt: number };
    const response = this.replyTo(command);
    const fate = this.fate(command);
    if (fate === 'is lost') socket.destroy();
    else socket.write(fate === 'arrives' ? framed({ id, isDisposed: true, response }) : fate.instead);
  }

  private replyTo(command: Command): unknown {
    const handler = this.handlers.get(command.command);
    if (handler !== undefined) return this.fence.handle(command, handler, Date.now());
    return { ...this.fence.handle(command, UNKNOWN, Date.now()), retryAfterMs: 1 };
  }
}
