import { randomUUID } from 'node:crypto';

import type { DataSource } from 'typeorm';

import type { Channel } from '../../planning/journal.js';
import type { StoredValue } from '../../planning/payload.js';
import type { Mail, MailAddress, MailOwner, MailStore, Posting } from '../mail.js';
import type { AfterCommit } from './after-commit.js';
import type { Query, Row } from './connection.js';
import { type Connections, queryIn } from './connections.js';
import type { DurableWrites } from './durable-writes.js';
import { findMail } from './sql/find-mail.js';
import { insertMail } from './sql/insert-mail.js';
import { listUndelivered } from './sql/list-undelivered.js';
import { parkMail } from './sql/park-mail.js';
import { removeMail } from './sql/remove-mail.js';
import { takeMail } from './sql/take-mail.js';
import { readIds } from './stored-rows.js';

/** How long a message lies before it counts as undelivered: until then whoever posted it is on the way. */
const UNDELIVERED_AFTER_MS = 2_000;

export interface MailboxOptions {
  readonly connections: Connections;
  readonly writes: DurableWrites;
  readonly schema: string;
  /** The application's. */
  readonly dataSource: DataSource;
  readonly afterCommit: AfterCommit;
}

/** Messages that no saga has taken. */
export class Mailbox implements MailStore {
  constructor(private readonly options: MailboxOptions) {}

  async post(mail: Mail, { manager, posted }: Posting = {}): Promise<void> {
    const { connections, writes, schema, dataSource, afterCommit } = this.options;
    const parameters = parametersOf(mail);
    if (manager === undefined) {
      // One after another for each address, so that what this process posts stays in order.
      await writes.carry(`mail for ${JSON.stringify(mail.to)}`, () => connections.write(insertMail(schema), parameters));
      posted?.();
      return;
    }
    const { runner, query } = queryIn(manager, dataSource);
    await query(insertMail(schema), parameters);
    if (posted !== undefined) afterCommit.add(runner, posted);
  }

  /** In the transaction that has the saga's lock. */
  async take(owner: MailOwner, query: Query): Promise<readonly Mail[]> {
    const rows = await query(takeMail(this.options.schema), columnsOfOwner(owner));
    return rows.toSorted((left, right) => (left['number'] as number) - (right['number'] as number)).map((row) => readMail(row, owner));
  }

  async has(owner: MailOwner): Promise<boolean> {
    const { connections, writes, schema } = this.options;
    const [row] = await writes.repeat(() => connections.read(findMail(schema), columnsOfOwner(owner)));
    return row?.['found'] === true;
  }

  async undelivered(limit: number): Promise<readonly MailAddress[]> {
    const { connections, writes, schema } = this.options;
    const rows = await writes.repeat(() => connections.read(listUndelivered(schema), [UNDELIVERED_AFTER_MS, limit]));
    return rows.map(readAddress);
  }

  async park(address: MailAddress): Promise<void> {
    const { connections, writes, schema } = this.options;
    await writes.repeat(() => connections.write(parkMail(schema), columnsOfAddress(address)));
  }

  async remove(ageMs: number, limit: number): Promise<number> {
    const { connections, writes, schema } = this.options;
    return readIds(await writes.repeat(() => connections.write(removeMail(schema), [ageMs, limit]))).length;
  }
}

function parametersOf({ to, channel, name, payload, dedupeId }: Mail): readonly unknown[] {
  return [randomUUID(), ...columnsOfAddress(to), channel, name, dedupeId ?? null, payload === undefined ? null : JSON.stringify(payload)];
}

const columnsOfAddress = (to: MailAddress): readonly (string | null)[] =>
  'sagaId' in to ? [to.sagaId, null, null] : [null, to.sagaName, to.sagaKey];

const columnsOfOwner = ({ id, name, key }: MailOwner): readonly (string | null)[] => [id, name, key];

const readAddress = (row: Row): MailAddress =>
  row['saga_id'] === null
    ? { sagaName: row['saga_name'] as string, sagaKey: row['saga_key'] as string }
    : { sagaId: row['saga_id'] as string };

function readMail(row: Row, { id }: MailOwner): Mail {
  const payload = row['payload'] as string | null;
  const dedupeId = row['dedupe_id'] as string | null;
  return {
    to: { sagaId: id },
    channel: row['channel'] as Channel,
    name: row['message'] as string,
    ...(payload !== null && { payload: JSON.parse(payload) as StoredValue }),
    ...(dedupeId !== null && { dedupeId }),
  };
}

/** Messages to sagas by their id, as lists of equal length. */
export function listMail(mail: readonly Mail[]): readonly (readonly unknown[])[] {
  return [
    mail.map(() => randomUUID()),
    mail.map(({ to }) => ('sagaId' in to ? to.sagaId : null)),
    mail.map(({ channel }) => channel),
    mail.map(({ name }) => name),
    mail.map(({ payload }) => (payload === undefined ? null : JSON.stringify(payload))),
  ];
}
