import { z } from 'zod';

/** Where a service listens, or finds another. */
export const port = (preset: number) =>
  z.coerce
    .number({ error: 'must be a port number' })
    .int('must be a port number')
    .min(1, 'must be at least 1')
    .max(65_535, 'must be at most 65535')
    .default(preset);

export const databaseUrl = () =>
  z.string({ error: 'is missing; give a postgres:// url' }).regex(/^postgres(ql)?:\/\/\S+$/, 'must be a postgres:// url');

/**
 * For `ConfigModule.forRoot({ validate })`. Where the environment does not fit, it says what is wrong with every variable at
 * once and ends the process with code 1: nothing can run without its configuration, and a stack trace would help nobody.
 */
export function environmentOf<S extends z.ZodObject>(schema: S) {
  return (variables: Record<string, unknown>): z.infer<S> => {
    const faults = environmentFaults(schema, variables);
    if (faults.length === 0) return schema.parse(variables);
    console.error(['The environment does not fit:', ...faults].join('\n  '));
    process.exit(1);
  };
}

/** One line a bad variable: its name, and what is wrong. The values stay out of it: a url may hold a password. */
export function environmentFaults(schema: z.ZodObject, variables: Record<string, unknown>): string[] {
  const issues = schema.safeParse(variables).error?.issues ?? [];
  return issues.map(({ path, message }) => `${path.join('.')} ${message}`);
}
