import { brokerUrl, databaseUrl, environmentOf, port } from 'contracts';
import { type Duration } from 'nestjs-sagas';
import { z } from 'zod';

const host = () => z.string().min(1, 'must be a host name').default('127.0.0.1');
const duration = (preset: Duration) =>
  z
    .custom<Duration>((given) => /^\d+(\.\d+)?(ms|s|m|h|d)$/.test(String(given)), "must be a duration such as '500ms' or '10s'")
    .default(preset);

const approvalTimeout = duration('24h');

const schema = z.object({
  HTTP_PORT: port(3000),
  DATABASE_URL: databaseUrl(),
  BROKER_URL: brokerUrl(),
  PAYMENT_HOST: host(),
  PAYMENT_PORT: port(4001),
  INVENTORY_HOST: host(),
  INVENTORY_PORT: port(4002),
  SHIPPING_HOST: host(),
  SHIPPING_PORT: port(4003),
  /** How long the orders of a process that died lie still before another one takes them up. */
  SAGA_LEASE: duration('10s'),
  /** Orders of more than this wait for a person. */
  APPROVAL_LIMIT_CENTS: z.coerce
    .number({ error: 'must be a number of cents' })
    .int('must be whole cents')
    .min(1, 'must be at least 1')
    .default(150_000),
  /** How long they wait for one. */
  APPROVAL_TIMEOUT: approvalTimeout,
});

/** For a decorator, which is evaluated before there is a ConfigService. What does not fit here is named by `validateEnvironment`. */
export const APPROVAL_TIMEOUT = approvalTimeout.catch('24h').parse(process.env['APPROVAL_TIMEOUT']);

export type Environment = z.infer<typeof schema>;
export const validateEnvironment = environmentOf(schema);
