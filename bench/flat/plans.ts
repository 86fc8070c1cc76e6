import type { DataSource } from 'typeorm';
import { createOwnDataSource } from '../../libs/saga/src/store/postgres/own-data-source.js';
import type { Statement } from './statements.js';

/** How a statement reaches a table. */
export interface Access {
  /** The index, or the table itself where none is used. */
  readonly by: string;
  /** From one end to the other. */
  readonly isWhole: boolean;
}

export interface Plan {
  /** custom: for the values that it was sent with. generic: for any values, as a prepared statement is planned after some calls. */
  readonly kind: 'custom' | 'generic';
  readonly accesses: readonly Access[];
}

/** A node of EXPLAIN's JSON. */
interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Plans?: readonly PlanNode[];
}

interface Explained {
  readonly 'QUERY PLAN': readonly { readonly Plan: PlanNode }[];
}

/** Tables that grow with the sagas that there are: any other may be read whole. */
const GROWS = new Set(['saga_instance', 'saga_journal', 'saga_mailbox']);

/** How the server would run the statements, in sessions as the store has them. The generic plan of one that is not prepared is never used. */
export async function plansOf(app: DataSource, statements: readonly Statement[]): Promise<readonly Plan[]> {
  const own = await createOwnDataSource(app, { poolSize: 1, pooled: false }).initialize();
  try {
    const plans = new Array<Plan>();
    for (const { text, values, isPrepared } of statements) {
      plans.push({ kind: 'custom', accesses: await explain(own, 'format json', text, values) });
      if (isPrepared) plans.push({ kind: 'generic', accesses: await explain(own, 'format json, generic_plan', text) });
    }
    return plans;
  } finally {
    await own.destroy();
  }
}

async function explain(own: DataSource, how: string, text: string, values?: readonly unknown[]): Promise<readonly Access[]> {
  const rows = await own.query<Explained[]>(`explain (${how}) ${text}`, values && [...values]);
  const plan = rows[0]?.['QUERY PLAN'][0]?.Plan;
  if (plan === undefined) throw new Error(`No plan came back for ${text}`);
  const accesses = accessesOf(plan, { isLimited: false });
  return [...new Map(accesses.map((access) => [`${access.by} ${access.isWhole}`, access])).values()];
}

interface Above {
  readonly isLimited: boolean;
  /** Of the heap scan that a bitmap is made for. */
  readonly table?: string;
}

function accessesOf(node: PlanNode, above: Above): readonly Access[] {
  const type = node['Node Type'];
  const table = node['Relation Name'] ?? above.table;
  const below: Above = {
    isLimited: type === 'Limit' || (above.isLimited && !BLOCKING.has(type)),
    ...(type.startsWith('Bitmap') && table !== undefined && { table }),
  };
  return [...ownAccess(node, table, above.isLimited), ...(node.Plans ?? []).flatMap((plan) => accessesOf(plan, below))];
}

/** What must read all that is below it, limited or not. */
const BLOCKING = new Set(['Sort', 'Hash', 'Aggregate', 'HashAggregate']);

function ownAccess(node: PlanNode, table = '', isLimited: boolean): readonly Access[] {
  const { 'Index Name': index, 'Node Type': type } = node;
  if (type === 'Seq Scan') return [{ by: table, isWhole: GROWS.has(table) }];
  if (index === undefined) return [];
  // Walked in order until there are enough, as a list is, an index needs no condition.
  const isWhole = node['Index Cond'] === undefined && !isLimited && GROWS.has(table);
  return [{ by: index, isWhole }];
}
