import { brokerUrl, databaseUrl, environmentOf, port } from 'contracts';
import { z } from 'zod';

const schema = z.object({
  HTTP_PORT: port(3001),
  TCP_PORT: port(4001),
  BROKER_URL: brokerUrl(),
  DATABASE_URL: databaseUrl(),
  GATEWAY_URL: z.url({ protocol: /^https?$/, error: 'must be an http:// url' }).default('http://127.0.0.1:3010'),
});

export type Environment = z.infer<typeof schema>;
export const validateEnvironment = environmentOf(schema);
