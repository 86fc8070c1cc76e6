import type { DataSource } from 'typeorm';

/** A statement as it was sent. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
  /** It is prepared under a name: the server may plan it once, for any values. */
  readonly isPrepared: boolean;
}

interface Sent {
  readonly text: string;
  readonly values?: readonly unknown[];
  readonly name?: string;
}

/** What `begin` and the like say has no plan. */
const HAS_PLAN = /^\s*(with|select|insert|update|delete)\b/i;

/** The part of TypeORM's driver that is used here: the `pg` that it has loaded, of which bench/ may have another. */
interface PostgresDriver {
  readonly postgres: { readonly Client: { readonly prototype: object } };
}

/** The statements that data sources of TypeORM, whichever, send while the work runs; each text once. */
export async function recordStatements({ driver }: DataSource, work: () => Promise<unknown>): Promise<readonly Statement[]> {
  const recorded = new Map<string, Statement>();
  const { prototype } = (driver as unknown as PostgresDriver).postgres.Client;
  const original = Reflect.get(prototype, 'query') as (...args: unknown[]) => unknown;
  function recording(this: unknown, ...args: unknown[]): unknown {
    const [first, second] = args;
    const sent: Sent = typeof first === 'string' ? { text: first, values: second as readonly unknown[] } : (first as Sent);
    if (HAS_PLAN.test(sent.text))
      recorded.set(sent.text, { text: sent.text, values: sent.values ?? [], isPrepared: sent.name !== undefined });
    return original.apply(this, args);
  }
  Reflect.set(prototype, 'query', recording);
  try {
    await work();
  } finally {
    Reflect.set(prototype, 'query', original);
  }
  return [...recorded.values()];
}
