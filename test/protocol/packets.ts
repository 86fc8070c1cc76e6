import type { Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';

/** What the files `hand-made-*` of this folder know of the protocol is from docs/reference/protocol.md alone. */
export interface Packet {
  readonly pattern?: unknown;
  readonly id?: unknown;
  readonly data?: unknown;
  readonly response?: unknown;
  readonly err?: unknown;
  readonly isDisposed?: unknown;
  readonly status?: unknown;
}

export function framed(packet: unknown): string {
  const json = JSON.stringify(packet);
  return `${json.length}#${json}`;
}

/** Calls `take` with each packet that comes, whole, in order. */
export function onPackets(socket: Socket, take: (packet: Packet) => void): void {
  const decoder = new StringDecoder('utf8');
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += decoder.write(chunk);
    for (;;) {
      const start = text.indexOf('#') + 1;
      const end = start + Number(text.slice(0, start - 1));
      if (start === 0 || text.length < end) return;
      const json = text.slice(start, end);
      text = text.slice(end);
      take(JSON.parse(json) as Packet);
    }
  });
}
