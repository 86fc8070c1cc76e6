import { setTimeout as pause } from 'node:timers/promises';

import { type ClientOptions, type ClientProxy, ClientProxyFactory } from '@nestjs/microservices';
import { lastValueFrom, timeout, TimeoutError } from 'rxjs';

/** A command that the network has kept. */
export interface Kept {
  readonly participant: string;
  readonly pattern: unknown;
  readonly message: unknown;
  readonly afterMs: number;
}

const AGAIN_MS = 300;
/** Whoever has not answered by then may have taken it. */
const TAKEN_MS = 2_000;

/** Commands that are still on their way when their sender may be dead. Who answers them is not heard. */
export class Network {
  private readonly clients: ReadonlyMap<string, ClientProxy>;
  private underWay = 0;

  constructor(participants: Readonly<Record<string, ClientOptions>>) {
    this.clients = new Map(Object.entries(participants).map(([name, to]) => [name, ClientProxyFactory.create(to)]));
  }

  get isQuiet(): boolean {
    return this.underWay === 0;
  }

  keep(kept: Kept): void {
    this.underWay += 1;
    void this.bring(kept).finally(() => (this.underWay -= 1));
  }

  /** Brings it again where nobody is there to take it. */
  private async bring({ participant, pattern, message, afterMs }: Kept): Promise<void> {
    const client = this.clients.get(participant);
    if (client === undefined) throw new Error(`There is no participant ${participant}`);
    await pause(afterMs);
    for (;;) {
      const isTaken = await lastValueFrom(client.send<unknown, unknown>(pattern, message).pipe(timeout(TAKEN_MS))).then(
        () => true,
        (error: unknown) => error instanceof TimeoutError,
      );
      if (isTaken) return;
      await pause(AGAIN_MS);
    }
  }

  async close(): Promise<void> {
    for (const client of this.clients.values()) await client.close();
  }
}
