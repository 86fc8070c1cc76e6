import { brokerUrl, databaseUrl, environmentOf, port } from 'contracts';
import { z } from 'zod';

const schema = z.object({
  HTTP_PORT: port(3003),
  TCP_PORT: port(4003),
  BROKER_URL: brokerUrl(),
  DATABASE_URL: databaseUrl(),
});

export type Environment = z.infer<typeof schema>;
export const validateEnvironment = environmentOf(schema);
