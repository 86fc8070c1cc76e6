import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Asked = 'charge' | 'refund';

/** A gateway outside, which knows each idempotency key: POST /charge/<key>, and /refund/<key of the charge>. Some answers it keeps for itself. */
export class SilentGateway {
  /** All that was asked, in order. */
  readonly asked: string[] = [];
  private readonly charges = new Set<string>();
  private silence: { readonly what: Asked; readonly taken: (key: string) => void } | undefined;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<SilentGateway> {
    const server = createServer((request, response) => {
      const [, what, key = ''] = (request.url ?? '').split('/').map(decodeURIComponent);
      if (!gateway.take(what as Asked, key)) response.writeHead(200).end();
    });
    const gateway = new SilentGateway(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return gateway;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Keys of what is charged and not refunded. */
  get charged(): readonly string[] {
    return [...this.charges];
  }

  /** Of the next one of these it says nothing. Resolves with its key when it has been done. */
  async doesWithoutAnswer(what: Asked): Promise<string> {
    return new Promise((taken) => (this.silence = { what, taken }));
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** @returns whether it stays silent */
  private take(what: Asked, key: string): boolean {
    this.asked.push(`${what} ${key}`);
    if (what === 'charge') this.charges.add(key);
    else this.charges.delete(key);
    if (this.silence?.what !== what) return false;
    this.silence.taken(key);
    this.silence = undefined;
    return true;
  }
}
