import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Cut {
  /** The connection whose request contains this text is cut, once. */
  readonly request: string;
  /** unsent: the server never sees the request. unanswered: it carries it out, and its answer is lost. */
  readonly how: 'unsent' | 'unanswered';
  /** All connections break with it, and nobody gets through until `restore` is called. */
  readonly forGood?: boolean;
}

/** Stands between a client and a database, and loses what a network can lose. */
export interface CuttingProxy {
  readonly url: string;
  /** Resolves when the cut was made. */
  cutNext(cut: Cut): Promise<void>;
  restore(): void;
  close(): Promise<void>;
}

interface Pending extends Cut {
  readonly made: () => void;
}

/** @param target url of the database */
export async function startCuttingProxy(target: string): Promise<CuttingProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let pending: Pending | undefined;
  let isDown = false;

  const server = createServer((client) => {
    if (isDown) return void client.destroy();
    const upstream = connect({ host: hostname, port: Number(port) });
    let cut: Pending | undefined;
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', end).on('close', () => (sockets.delete(socket), end()));
    }
    const make = (made: Pending): void => {
      end();
      if (made.forGood === true) {
        isDown = true;
        for (const socket of sockets) socket.destroy();
      }
      made.made();
    };
    client.on('data', (data) => {
      if (pending !== undefined && data.includes(pending.request)) {
        cut = pending;
        pending = undefined;
        if (cut.how === 'unsent') return make(cut);
      }
      upstream.write(data);
    });
    upstream.on('data', (data) => (cut === undefined ? void client.write(data) : make(cut)));
  });

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(target);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    cutNext: (cut) => new Promise((made) => (pending = { ...cut, made })),
    restore: () => void (isDown = false),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
