import { createHash } from 'node:crypto';

import type { Fence } from '../fence.js';
import { boundLockWait } from './sql/bound-lock-wait.js';
import { claimFence } from './sql/claim-fence.js';
import { type FenceKey, keyOf } from './sql/fence-key.js';
import { literal } from './sql/literal.js';
import { FENCE_VALUES, fenceValues, writeFence } from './sql/write-fence.js';

type Value = string | number | null;

/** The fence's statements, as they stand in messages without parameters: with their values in them, or as `execute` of what the session has prepared. */
export class FenceStatements {
  private readonly bound: Statement;
  private readonly claimed: Statement;
  private readonly written: Statement;

  constructor(schema: string) {
    this.bound = new Statement('saga_bound', 1, ([wait = '']) => boundLockWait(wait));
    this.claimed = new Statement('saga_claim', 4, (values) => claimFence(schema, values));
    this.written = new Statement('saga_outcome', FENCE_VALUES, (values) => writeFence(schema, values));
  }

  /** Prepares all of them, in a session. */
  get prepare(): readonly string[] {
    return [this.bound, this.claimed, this.written].map(({ prepare }) => prepare);
  }

  claim(key: FenceKey, waitMs: number, isPrepared: boolean): readonly string[] {
    return [this.bound.with([`${waitMs}ms`], isPrepared), this.claimed.with([...keyOf(key), key.saga], isPrepared)];
  }

  write(key: FenceKey, fence: Fence, isPrepared: boolean): string {
    return this.written.with(fenceValues(key, fence), isPrepared);
  }
}

class Statement {
  readonly prepare: string;
  private readonly name: string;

  /** @param text with expressions for its values */
  constructor(
    name: string,
    values: number,
    private readonly text: (values: readonly string[]) => string,
  ) {
    const prepared = text(Array.from({ length: values }, (_none, index) => `$${index + 1}`));
    // Behind a pooler a session may have that of another version, or for another schema.
    this.name = `${name}_${createHash('sha256').update(prepared).digest('hex').slice(0, 12)}`;
    this.prepare = `prepare ${this.name} as ${prepared}`;
  }

  with(values: readonly Value[], isPrepared: boolean): string {
    const literals = values.map(literal);
    return isPrepared ? `execute ${this.name} (${literals.join(', ')})` : this.text(literals);
  }
}
