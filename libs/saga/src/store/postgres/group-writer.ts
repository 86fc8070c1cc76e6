import { setImmediate as yieldToOthers } from 'node:timers/promises';

import type { Checkpoint, NewSaga } from '../saga-store.js';
import type { Connections } from './connections.js';
import { StatementRefused, StatementUnanswered } from './database-errors.js';
import { fencedEntryColumns, hasMail, leavesRow, mailColumns, moveColumns, startColumns } from './group-columns.js';
import { LoneStatements } from './lone-statements.js';
import { type GroupParts, writeGroup } from './sql/write-group.js';

export type GroupWrite =
  { readonly kind: 'start'; readonly saga: NewSaga } | { readonly kind: 'checkpoint'; readonly checkpoint: Checkpoint };

export type GroupAnswer =
  | { readonly kind: 'passed'; readonly due: boolean }
  /** Nothing of it was written: written alone, it waits for whoever holds the row, and its refusal has a reason. */
  | { readonly kind: 'not-passed' }
  /** It may be durable: whoever writes it again looks for it first. [R3] */
  | { readonly kind: 'unanswered' };

interface Waiting {
  readonly write: GroupWrite;
  readonly answer: (answer: GroupAnswer) => void;
}

/** More gain nothing, and would hold their rows for long. */
const GROUP_SIZE = 500;

/**
 * Up to so many sagas that are on their way go in one group: those of the last one are told first, and are back within a turn of the event loop.
 * Each commit costs them more than to wait for each other. More than these are written in halves.
 */
const FEW = 64;

/** Each saga that is told goes on at once, for a tenth of a millisecond: told all in one go, requests and timers would wait for hundreds. */
const TOLD_AT_ONCE = 50;

/**
 * The one writer of a node. While a group is on its way to the disk, the writes of all its sagas gather; the next group takes
 * them all. So grouping delays nothing: it fills the time that the last commit took. A write that cannot pass at once delays none of
 * the others: it is left out, and its caller writes it alone. [R32]
 */
export class GroupWriter {
  private waiting: Waiting[] = [];
  /** Groups on their way, the oldest first. */
  private readonly sent: Promise<readonly Answered[]>[] = [];
  /** Writes in them, and those that are answered and not told yet: their sagas are about to write again. */
  private underWay = 0;
  private isWriting = false;
  private readonly lone: LoneStatements;
  private readonly statements = new Map<string, string>();

  constructor(
    private readonly schema: string,
    private readonly connections: Pick<Connections, 'prepared' | 'arePipelined'>,
  ) {
    this.lone = new LoneStatements(schema);
  }

  write(write: GroupWrite): Promise<GroupAnswer> {
    return new Promise((answer) => {
      this.waiting.push({ write, answer });
      if (this.isWriting) this.sendAhead();
      else void this.writeAll();
    });
  }

  private async writeAll(): Promise<void> {
    this.isWriting = true;
    for (;;) {
      if (this.sent.length === 0) {
        if (this.isFew) await yieldToOthers();
        if (this.waiting.length === 0) break;
        this.sendNext();
      }
      const answered = (await this.sent[0]) ?? [];
      void this.sent.shift();
      // The database works on the next group while the sagas of this one go on.
      if (this.sent.length > 0) this.sendAhead();
      else if (!this.isFew && this.waiting.length > 0) this.sendNext();
      await this.tell(answered);
      // Hardly anybody will come before the database has done what it has: it would wait for the rest of a half, and for this process then.
      this.sendAhead(this.nextSize / 2);
    }
    this.isWriting = false;
  }

  private get isFew(): boolean {
    return this.waiting.length + this.underWay <= FEW;
  }

  /**
   * Half of those that are on their way: while one half is written, the sagas of the other go on. Taken all at once, database and process would
   * wait for each other by turns.
   */
  private get nextSize(): number {
    const size = this.waiting.length + this.underWay;
    return this.isFew ? size : Math.min(Math.ceil(size / 2), GROUP_SIZE);
  }

  private sendNext(): void {
    const group = this.waiting.splice(0, this.nextSize);
    this.underWay += group.length;
    this.sent.push(this.writeGroup(group));
    this.sendAhead();
  }

  /**
   * A half that is complete follows the one before at once, so that the server need not wait for it.
   * @param from with so many it is complete
   */
  private sendAhead(from = this.nextSize): void {
    if (this.sent.length === 1 && !this.isFew && this.waiting.length >= from && this.connections.arePipelined) this.sendNext();
  }

  /** One after another, and each with all that it does because of it. */
  private tell(answered: readonly Answered[]): Promise<void> {
    return new Promise((resolve) => {
      let told = 0;
      const tellNext = (): void => {
        const next = answered[told];
        if (next === undefined) return resolve();
        told += 1;
        this.underWay -= 1;
        next.waiting.answer(next.answer);
        if (told % TOLD_AT_ONCE === 0) setImmediate(tellNext);
        else void DONE.then(afterMicrotasks);
      };
      /**
       * All that was to be done because of the last answer is done then. Told side by side, the sagas would go on in turns of a few instructions each: what each
       * works with would leave the processor's caches in between, and V8's collector would find it all in use.
       */
      const afterMicrotasks = (): void => process.nextTick(tellNext);
      tellNext();
    });
  }

  /** Never rejects. What the database refuses is halved until the one that it refuses stands alone. */
  private async writeGroup(group: readonly Waiting[]): Promise<readonly Answered[]> {
    try {
      const due = await this.send(group.map(({ write }) => write));
      return group.map((waiting) => ({ waiting, answer: answerOf(due.get(idOf(waiting.write))) }));
    } catch (error) {
      if (error instanceof StatementUnanswered) return group.map((waiting) => ({ waiting, answer: { kind: 'unanswered' } }));
      // Each half would meet the same: written alone, each waits for a while until it may pass.
      const isShortage = error instanceof StatementRefused && error.isShortage;
      if (group.length === 1 || isShortage) return group.map((waiting) => ({ waiting, answer: { kind: 'not-passed' } }));
      const half = Math.ceil(group.length / 2);
      return [...(await this.writeGroup(group.slice(0, half))), ...(await this.writeGroup(group.slice(half)))];
    }
  }

  /** Of each that passed, whether it is due. */
  private async send(writes: readonly GroupWrite[]): Promise<ReadonlyMap<string, boolean>> {
    const [first] = writes;
    const lone = writes.length === 1 && first !== undefined ? this.lone.for(first) : undefined;
    if (first !== undefined && lone !== undefined) {
      const [passed] = await this.connections.prepared(lone.name, lone.text, lone.values);
      return new Map(passed && [[idOf(first), passed['due'] === true]]);
    }
    const checkpoints = writes.flatMap((write) => (write.kind === 'checkpoint' ? [write.checkpoint] : []));
    const entries = checkpoints.filter(leavesRow);
    const moves = checkpoints.filter((checkpoint) => !leavesRow(checkpoint));
    const starts = writes.flatMap((write) => (write.kind === 'start' ? [write.saga] : []));
    const parts: GroupParts = {
      entries: entries.length > 0,
      moves: moves.length > 0,
      mail: moves.some(hasMail),
      starts: starts.length > 0,
    };
    const parameters = [
      ...(parts.entries ? fencedEntryColumns(entries) : []),
      ...(parts.moves ? moveColumns(moves) : []),
      ...(parts.mail ? mailColumns(moves) : []),
      ...(parts.starts ? startColumns(starts) : []),
    ];
    const rows = await this.connections.prepared(nameOf(parts), this.statementOf(parts), parameters);
    return new Map(rows.map((row) => [row['id'] as string, row['due'] === true]));
  }

  private statementOf(parts: GroupParts): string {
    const name = nameOf(parts);
    const statement = this.statements.get(name) ?? writeGroup(this.schema, parts);
    this.statements.set(name, statement);
    return statement;
  }
}

/** It travels in place of the statement's text. */
const nameOf = ({ entries, moves, mail, starts }: GroupParts): string =>
  `write saga_journal: ${[entries && 'entries', moves && 'checkpoints', mail && 'mail', starts && 'starts'].filter(Boolean).join(', ')}`;

interface Answered {
  readonly waiting: Waiting;
  readonly answer: GroupAnswer;
}

const DONE = Promise.resolve();

const idOf = (write: GroupWrite): string => (write.kind === 'start' ? write.saga.instance.id : write.checkpoint.sagaId);

const answerOf = (due: boolean | undefined): GroupAnswer => (due === undefined ? { kind: 'not-passed' } : { kind: 'passed', due });
