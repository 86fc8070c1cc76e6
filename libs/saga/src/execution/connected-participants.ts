import type { ClientProvider, ClientProxy } from '@nestjs/microservices';

import { SagaWiringError } from './message-starter.js';

/** The clients of the participants that `forRoot` lists. They connect when they are first used. */
export class ConnectedParticipants {
  readonly clients: Map<string, ClientProxy> = new Map();

  /** Transports are loaded only where a participant is listed. */
  async create(participants: Readonly<Record<string, ClientProvider>>): Promise<void> {
    const listed = Object.entries(participants);
    if (listed.length === 0) return;
    const { ClientProxyFactory } = await import('@nestjs/microservices').catch((cause: unknown) => {
      throw new SagaWiringError('SagaModule.forRoot({ participants }) needs @nestjs/microservices: npm install @nestjs/microservices.', {
        cause,
      });
    });
    for (const [name, provider] of listed)
      this.clients.set(name, ClientProxyFactory.create(provider as Parameters<typeof ClientProxyFactory.create>[0]));
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.clients.values()].map(async (client) => client.close()));
  }
}
