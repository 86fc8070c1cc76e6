import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import { Injectable } from '@nestjs/common';
import { type SagaContext, StepRejected } from 'nestjs-sagas';
import { Pool } from 'pg';

import type { NodeSettings, Plan } from './settings.js';

const LOOK_MS = 20;

/** The world outside, in tables of the test's own, beside every transaction of a saga. */
@Injectable()
export class Scene {
  private readonly pool: Pool;

  constructor(readonly settings: NodeSettings) {
    this.pool = new Pool({ connectionString: settings.databaseUrl, max: 3 });
    // Tests break connections; what was asked is asked again.
    this.pool.on('error', () => undefined);
  }

  /** Does the effect of one deed, as the plan says. */
  async play(context: SagaContext<Plan>, deed: string): Promise<string> {
    const { input, signal, attempt } = context;
    await this.note('began', deed, context);
    signal.addEventListener('abort', () => void this.note('aborted', deed, context), { once: true });
    if (input.kills === deed) process.kill(process.pid, 'SIGKILL');
    await this.passGate(input.gates?.[deed], input.deaf === true ? undefined : signal);
    await this.note('done', deed, context);
    if (input.refuses === deed) throw new StepRejected('REFUSED', `${deed} is refused`);
    if ((input.fails?.[deed] ?? 0) >= attempt) throw new Error(`${deed} fails`);
    return deed;
  }

  async note(
    what: string,
    deed: string,
    { sagaId, attempt, idempotencyKey = null }: Pick<SagaContext, 'sagaId' | 'attempt'> & { readonly idempotencyKey?: string | null },
  ): Promise<void> {
    const id = randomUUID();
    await this.persistently(
      'insert into occurrence (id, what, deed, saga_id, attempt, node, key) values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing',
      [id, what, deed, sagaId, attempt, this.settings.name, idempotencyKey],
    );
  }

  /** Waits until the gate is open for all, or for this node: `name@node`. */
  async passGate(name: string | undefined, signal?: AbortSignal): Promise<void> {
    if (name === undefined) return;
    while (!(await this.isOpen(name))) await pause(LOOK_MS, undefined, signal && { signal });
  }

  private async isOpen(name: string): Promise<boolean> {
    const open = await this.persistently('select from gate where name in ($1, $2)', [name, `${name}@${this.settings.name}`]);
    return open > 0;
  }

  private async persistently(statement: string, parameters: readonly unknown[]): Promise<number> {
    for (;;) {
      try {
        const { rowCount } = await this.pool.query(statement, [...parameters]);
        return rowCount ?? 0;
      } catch {
        await pause(LOOK_MS);
      }
    }
  }
}
