import { type ClientOptions, type MicroserviceOptions, Transport } from '@nestjs/microservices';
import { z } from 'zod';

/** The broker that commands go over: its scheme says which one. Left out, services talk to each other over TCP. */
export const brokerUrl = () =>
  z
    .string()
    .regex(/^(nats|amqp|redis):\/\/\S+$/, 'must be a nats://, amqp:// or redis:// url; leave it out for TCP')
    .optional();

export interface Address {
  /** Over TCP: where the participant listens. */
  readonly host: string;
  readonly port: number;
  readonly brokerUrl: string | undefined;
}

/** How commands come to a participant. It listens with what order-service connects with, so both sides agree. */
export function wayTo(participant: string, { host, port, brokerUrl: given }: Address): MicroserviceOptions & ClientOptions {
  if (given === undefined) return { transport: Transport.TCP, options: { host, port } };
  const broker = new URL(given);
  switch (broker.protocol) {
    case 'nats:':
      return overNats(participant, given);
    case 'amqp:':
      return overRabbitMq(participant, given);
    default:
      return overRedis(broker);
  }
}

/** One queue group: of several instances one gets a command. */
function overNats(participant: string, url: string): MicroserviceOptions & ClientOptions {
  return { transport: Transport.NATS, options: { servers: [url], queue: participant, maxReconnectAttempts: -1 } };
}

/** A queue of its own; a pattern alone would not keep its commands from other services. */
function overRabbitMq(participant: string, url: string): MicroserviceOptions & ClientOptions {
  const options = {
    urls: [url],
    queue: `shop.${participant}`,
    queueOptions: { durable: true },
    socketOptions: { reconnectTimeInSeconds: 1 },
  };
  return { transport: Transport.RMQ, options };
}

/** Every instance gets every command; the fence lets one do it. */
function overRedis({ hostname, port, username, password }: URL): MicroserviceOptions & ClientOptions {
  const signIn = password === '' ? {} : { username: decodeURIComponent(username), password: decodeURIComponent(password) };
  const options = { host: hostname, port: Number(port || 6_379), ...signIn, retryAttempts: Infinity, retryDelay: 1_000 };
  return { transport: Transport.REDIS, options };
}
