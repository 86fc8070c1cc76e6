import { environmentOf, port } from 'contracts';
import { z } from 'zod';

const schema = z.object({
  HTTP_PORT: port(3010),
  /** JSON Lines; made where it does not exist. */
  LEDGER_FILE: z.string({ error: 'is missing; give a path' }).min(1, 'is missing; give a path'),
});

export type Environment = z.infer<typeof schema>;
export const validateEnvironment = environmentOf(schema);
