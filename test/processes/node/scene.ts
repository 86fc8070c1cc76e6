import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import { Injectable } from '@nestjs/common';
import { type SagaContext, StepRejected } from 'nestjs-sagas';
import { Pool } from 'pg';
import type { EntityManager } from 'typeorm';

import type { NodeSettings, Plan } from './settings.js';

const LOOK_MS = 20;

const NOTE =
  'insert into occurrence (id, what, deed, saga_id, attempt, node, key) values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing';

type Noted = Pick<SagaContext, 'sagaId' | 'attempt'> & { readonly idempotencyKey?: string | null };

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

  /**
   * Does one deed as a service that heeds its caller: refused, or failing before its effect, it leaves nothing, and once it was told to
   * stop it begins nothing more.
   *
   * @param manager of the step's transaction, where the effect is part of it
   */
  async act(context: SagaContext<Plan>, deed: string, manager?: EntityManager): Promise<string> {
    const { input, signal, attempt } = context;
    const { slowMs = 0, refused = false, fails = 0, late = false } = input.troubles?.[deed] ?? {};
    if (slowMs > 0) await pause(slowMs, undefined, { signal });
    if (refused) throw new StepRejected('REFUSED', `${deed} is refused`);
    if (fails >= attempt && !late) throw new Error(`${deed} fails`);
    if (manager) await manager.query(NOTE, this.noted('done', deed, context));
    else await this.persistently(NOTE, this.noted('done', deed, context), signal);
    if (fails >= attempt) throw new Error(`${deed} fails too late`);
    return deed;
  }

  async note(what: string, deed: string, context: Noted): Promise<void> {
    await this.persistently(NOTE, this.noted(what, deed, context));
  }

  private noted(what: string, deed: string, { sagaId, attempt, idempotencyKey = null }: Noted): unknown[] {
    return [randomUUID(), what, deed, sagaId, attempt, this.settings.name, idempotencyKey];
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

  private async persistently(statement: string, parameters: readonly unknown[], signal?: AbortSignal): Promise<number> {
    for (;;) {
      signal?.throwIfAborted();
      try {
        const { rowCount } = await this.pool.query(statement, [...parameters]);
        return rowCount ?? 0;
      } catch {
        await pause(LOOK_MS);
      }
    }
  }
}
