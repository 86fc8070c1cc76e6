import { connect as connectToNats } from '@nats-io/transport-node';
import type { RmqOptions } from '@nestjs/microservices';
import { connect as connectToRabbitMq } from 'amqplib';
import { Redis } from 'ioredis';

import type { Wire } from '../support/transports.js';
import { HandMadeOrchestrator } from './hand-made-orchestrator.js';
import type { Packet } from './packets.js';

/** Sends to the ledger what the test gives it, over one transport, as docs/reference/protocol.md says where it goes. */
export interface HandMadeSender {
  /** All that came back. */
  readonly answers: Packet[];
  /** Over TCP a packet; elsewhere a message. */
  send(text: string): void;
  close(): Promise<void>;
}

const TO = 'nestjs-sagas.ledger';

export const SENDERS: Readonly<Record<string, (wire: Wire) => Promise<HandMadeSender>>> = {
  TCP: async ({ port }) => {
    const orchestrator = await HandMadeOrchestrator.connect(port);
    return {
      answers: orchestrator.received,
      send: (text) => orchestrator.write(`${text.length}#${text}`),
      close: async () => orchestrator.close(),
    };
  },
  NATS: async ({ port }) => {
    const connection = await connectToNats({ servers: `nats://127.0.0.1:${port}` });
    const answers: Packet[] = [];
    connection.subscribe('answers', { callback: (_, message) => void answers.push(message.json<Packet>()) });
    return { answers, send: (text) => connection.publish(TO, text, { reply: 'answers' }), close: async () => connection.close() };
  },
  RabbitMQ: async ({ port, service }) => {
    const { queue = '' } = (service as RmqOptions).options ?? {};
    const connection = await connectToRabbitMq(`amqp://guest:guest@127.0.0.1:${port}`);
    const channel = await connection.createChannel();
    const { queue: replyTo } = await channel.assertQueue('', { exclusive: true });
    const answers: Packet[] = [];
    let sent = 0;
    await channel.consume(replyTo, (message) => {
      if (message?.properties.correlationId === `sending ${sent}`) answers.push(JSON.parse(message.content.toString()) as Packet);
    });
    return {
      answers,
      send: (text) => void channel.sendToQueue(queue, Buffer.from(text), { replyTo, correlationId: `sending ${++sent}` }),
      close: async () => connection.close(),
    };
  },
  Redis: async ({ port }) => {
    const [publisher, subscriber] = [new Redis({ host: '127.0.0.1', port }), new Redis({ host: '127.0.0.1', port })];
    const answers: Packet[] = [];
    subscriber.on('message', (_, text: string) => answers.push(JSON.parse(text) as Packet));
    await subscriber.subscribe(`${TO}.reply`);
    return {
      answers,
      send: (text) => void publisher.publish(TO, text),
      close: async () => {
        publisher.disconnect();
        subscriber.disconnect();
      },
    };
  },
};
