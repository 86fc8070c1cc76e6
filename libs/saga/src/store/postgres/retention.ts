import type { Keeping, RetentionStore, SweepPosition, SweptBatch } from '../retention.js';
import type { Row } from './connection.js';
import type { Connections } from './connections.js';
import type { DurableWrites } from './durable-writes.js';
import { forgetKeys } from './sql/forget-keys.js';
import { listEnded } from './sql/list-ended.js';
import { sweepFamilies } from './sql/sweep-families.js';
import { readIds, readMs } from './stored-rows.js';

export interface RetentionOptions {
  readonly connections: Connections;
  readonly writes: DurableWrites;
  readonly schema: string;
}

/** Before all ends. */
const START: SweepPosition = { endedAt: -Infinity, id: '00000000-0000-0000-0000-000000000000' };

/** Deletes what has ended. Every statement may be done twice without harm, so a lost answer is not asked for again. */
export class Retention implements RetentionStore {
  constructor(private readonly options: RetentionOptions) {}

  async sweep(keeping: Keeping, limit: number, after: SweepPosition = START): Promise<SweptBatch> {
    const { connections, writes, schema } = this.options;
    const parameters = [keeping.retentionMs, after.endedAt, after.id, limit];
    const roots = await writes.repeat(() => connections.read(listEnded(schema), parameters));
    let swept = 0;
    for (const batch of batchesOf(roots)) swept += await this.sweepFamilies(batch, keeping);
    const last = roots.at(-1);
    return roots.length < limit || last === undefined ? { swept } : { swept, next: positionOf(last) };
  }

  async forgetKeys(keyRetentionMs: number, limit: number): Promise<number> {
    const { connections, writes, schema } = this.options;
    return readIds(await writes.repeat(() => connections.write(forgetKeys(schema), [keyRetentionMs, limit]))).length;
  }

  private async sweepFamilies(roots: readonly string[], { retentionMs, keyRetentionMs }: Keeping): Promise<number> {
    const { connections, writes, schema } = this.options;
    const [row] = await writes.repeat(() => connections.write(sweepFamilies(schema), [roots, retentionMs, keyRetentionMs]));
    return row?.['swept'] as number;
  }
}

/** Those without children at once, and each of the others, whose families may be large, in a transaction of its own. */
function batchesOf(roots: readonly Row[]): readonly (readonly string[])[] {
  const [parents, single] = [true, false].map((parent) => readIds(roots.filter((root) => root['has_children'] === parent)));
  return [...(single?.length ? [single] : []), ...(parents ?? []).map((id) => [id])];
}

const positionOf = (row: Row): SweepPosition => ({ endedAt: readMs(row['ended_at']), id: row['id'] as string });
