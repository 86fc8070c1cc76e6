import { checkpointing, running } from './running.js';
import { nextCheckpoint } from './sagas.js';
import type { Side } from './side.js';

/** Of a quiet time: more than the five calls after which the server keeps a plan. */
const TIMES = 8;
/** Enough that a kept plan seems better than one that is made anew. */
const FEW = 20;
/** As many as go into one group at the most. */
const MANY = 500;

/** Nobody analyzes the tables but this bench, as in the minute before autovacuum comes by. */
export async function stopAutovacuum({ client }: Side): Promise<void> {
  for (const table of ['saga_instance', 'saga_journal']) await client.query(`alter table saga.${table} set (autovacuum_enabled = off)`);
}

/** A few sagas at once, now and then, which are swept and vacuumed: the plans that the server keeps are made for tables of a few rows. */
export async function passQuietTimes(side: Side): Promise<void> {
  for (let time = 0; time < TIMES; time += 1) {
    await side.client.query('delete from saga.saga_instance where id not in (select id from saga.saga_instance limit 10)');
    await side.client.query('delete from saga.saga_journal where saga_id not in (select id from saga.saga_instance)');
    await side.client.query('vacuum (analyze) saga.saga_instance, saga.saga_journal');
    const write = await checkpointing(side, await running(side, FEW), nextCheckpoint);
    await write();
  }
}

/** So many more sagas, as one node would start them in a burst. */
export async function burst(side: Side, sagas: number): Promise<void> {
  for (let started = 0; started < sagas; started += MANY) {
    const write = await checkpointing(side, await running(side, MANY), nextCheckpoint);
    await write();
  }
}
