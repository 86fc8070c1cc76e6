import { isDeepStrictEqual } from 'node:util';

import type { Mail, MailAddress, MailOwner, MailStore, Posting } from '../mail.js';
import { noTransactions } from './no-transactions.js';
import { storedCopy } from './stored-copy.js';

interface Kept {
  readonly mail: Mail;
  readonly at: number;
  parked: boolean;
}

/** How long a message lies before it counts as undelivered: until then whoever posted it is on the way. */
const UNDELIVERED_AFTER_MS = 2_000;

/** Messages that no saga has taken, oldest first. */
export class InMemoryMailbox implements MailStore {
  private kept: Kept[] = [];

  constructor(
    private readonly now: () => number,
    /** Whether there is such a saga, which may still wait for what its children tell. */
    private readonly mayWait: (sagaId: string) => boolean,
  ) {}

  async post(mail: Mail, { manager, posted }: Posting = {}): Promise<void> {
    if (manager !== undefined) throw noTransactions('signal');
    this.keep(mail);
    posted?.();
  }

  /** Returns how to take it back. */
  keep(mail: Mail): () => void {
    const known = mail.dedupeId !== undefined && this.kept.some((other) => isDeepStrictEqual(idOf(other.mail), idOf(mail)));
    const one = { mail: storedCopy(mail), at: this.now(), parked: false };
    if (!known) this.kept.push(one);
    return () => (this.kept = this.kept.filter((other) => other !== one));
  }

  async has(owner: MailOwner): Promise<boolean> {
    return this.kept.some(({ mail }) => isFor(mail.to, owner));
  }

  /** Takes them out; call `putBack` where what follows fails. */
  take(owner: MailOwner): { readonly mail: readonly Mail[]; putBack(): void } {
    const taken = this.kept.filter(({ mail }) => isFor(mail.to, owner));
    this.kept = this.kept.filter((one) => !taken.includes(one));
    return { mail: taken.map(({ mail }) => storedCopy(mail)), putBack: () => void this.kept.unshift(...taken) };
  }

  async undelivered(limit: number): Promise<readonly MailAddress[]> {
    const late = this.kept.filter(({ at, parked }) => !parked && at <= this.now() - UNDELIVERED_AFTER_MS);
    const addresses = new Map(late.map(({ mail }) => [JSON.stringify(mail.to), mail.to]));
    return [...addresses.values()].slice(0, limit);
  }

  async park(address: MailAddress): Promise<void> {
    for (const one of this.kept) if (isDeepStrictEqual(one.mail.to, address)) one.parked = true;
  }

  async remove(ageMs: number, limit: number): Promise<number> {
    const isWaitedFor = ({ channel, to }: Mail): boolean => channel === 'child' && 'sagaId' in to && this.mayWait(to.sagaId);
    const old = this.kept.filter(({ at, mail }) => at < this.now() - ageMs && !isWaitedFor(mail)).slice(0, limit);
    this.kept = this.kept.filter((one) => !old.includes(one));
    return old.length;
  }
}

const idOf = ({ to, channel, name, dedupeId }: Mail): unknown => storedCopy({ to, channel, name, dedupeId });

const isFor = (to: MailAddress, { id, name, key }: MailOwner): boolean =>
  'sagaId' in to ? to.sagaId === id : to.sagaName === name && to.sagaKey === key;
