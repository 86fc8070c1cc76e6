import { randomUUID } from 'node:crypto';

import { StepRejected } from '../planning/step-errors.js';
import { DeferredReplies } from './deferred-replies.js';
import { DeferredReplyError } from './fence-errors.js';
import {
  createTestDatabase,
  gate,
  LedgerService,
  Line,
  newStep,
  type TestDatabase,
  until,
  type Visit,
  waitingForLocks,
} from './participant.fixture.js';

const DEFERRED = { kind: 'deferred' };
const ACCEPTED = { accepted: true };

describe('a handler whose answer comes later', () => {
  let database: TestDatabase;
  let ledger: LedgerService;
  let replies: DeferredReplies;

  beforeAll(async () => {
    database = await createTestDatabase();
    ledger = await LedgerService.start(database.url);
    replies = ledger.app.get(DeferredReplies);
  });

  afterAll(async () => {
    await ledger.stop();
    await database.drop();
  });

  /** A step whose handler returns a deferral. */
  function deferringStep(command: 'deposit' | 'take-back' | 'charge' = 'deposit') {
    const step = newStep(command === 'charge');
    const tokens: string[] = [];
    ledger.script.when(command, step.account, ({ context }: Visit) => {
      const deferral = context.defer();
      tokens.push(deferral.token);
      return deferral.later;
    });
    return { ...step, token: () => tokens[0] ?? '', calls: () => tokens.length };
  }

  it.each(['deposit', 'charge'] as const)('R25: %s is called once, and asked again until it is answered', async (command) => {
    const { account, action, token, calls } = deferringStep(command);
    expect(await ledger.send(action())).toEqual(DEFERRED);
    expect(await ledger.send(action({ attempt: 2 }))).toEqual(DEFERRED);
    expect(await ledger.lines(account)).toEqual([command]);
    expect(await replies.complete(token(), { receipt: 7 })).toEqual(ACCEPTED);
    expect(await ledger.send(action({ attempt: 3 }))).toEqual({ kind: 'succeeded', result: { receipt: 7 } });
    expect(calls()).toBe(1);
  });

  it('R25: any process of the participant answers', async () => {
    const other = await LedgerService.start(database.url);
    try {
      const { action, token } = deferringStep();
      await ledger.send(action());
      expect(await other.app.get(DeferredReplies).complete(token())).toEqual(ACCEPTED);
      expect(await ledger.send(action({ attempt: 2 }))).toEqual({ kind: 'succeeded' });
    } finally {
      await other.stop();
    }
  });

  it('R25: a refusal takes back what the handler wrote, in one transaction', async () => {
    const { account, action, compensation, token } = deferringStep();
    await ledger.send(action());
    await ledger.database.transaction(async (manager) => {
      await manager.delete(Line, { account });
      expect(await replies.reject(token(), new StepRejected('NO_COVER', 'the bank says no'), { manager })).toEqual(ACCEPTED);
    });
    const refused = { kind: 'refused', error: { code: 'NO_COVER', message: 'the bank says no' }, effect: 'none' };
    expect(await ledger.send(action({ attempt: 2 }))).toEqual(refused);
    expect(await ledger.send(compensation())).toEqual({ kind: 'succeeded' });
    expect(await ledger.lines(account)).toEqual([]);
  });

  it('R25: an answer is rolled back with the transaction that it joined', async () => {
    const { action, token } = deferringStep();
    await ledger.send(action());
    const answered = ledger.database.transaction(async (manager) => {
      expect(await replies.complete(token(), 1, { manager })).toEqual(ACCEPTED);
      throw new Error('the caller fails');
    });
    await expect(answered).rejects.toThrow('the caller fails');
    expect(await ledger.send(action({ attempt: 2 }))).toEqual(DEFERRED);
  });

  it('the first answer counts', async () => {
    const { account, action, token } = deferringStep();
    await ledger.send(action());
    await replies.complete(token(), 'first');
    const why = `deposit of saga ${account} is answered already.`;
    expect(await replies.complete(token(), 'second')).toEqual({ accepted: false, why });
    expect(await replies.reject(token(), new StepRejected('NO'))).toEqual({ accepted: false, why });
    expect(await ledger.send(action({ attempt: 2 }))).toEqual({ kind: 'succeeded', result: 'first' });
  });

  it('R25: a compensation finds that something may be there, and an answer after it is refused', async () => {
    const { account, action, compensation, token } = deferringStep();
    await ledger.send(action());
    expect(await ledger.send(compensation())).toMatchObject({ kind: 'succeeded' });
    expect(await ledger.lines(account)).toEqual(['deposit', 'take-back']);
    expect(await replies.complete(token())).toEqual({
      accepted: false,
      why: `deposit of saga ${account} was compensated before this answer came: see that nothing is left of what was answered.`,
    });
    expect(await ledger.send(action({ attempt: 2 }))).toMatchObject({ error: { code: 'SAGA_COMPENSATED_BEFORE' }, effect: 'possible' });
  });

  it('a compensation may be answered later, too', async () => {
    const { action, compensation, token } = deferringStep('take-back');
    await ledger.send(action());
    expect(await ledger.send(compensation())).toEqual(DEFERRED);
    expect(await replies.complete(token())).toEqual(ACCEPTED);
    expect(await ledger.send(compensation({ attempt: 2 }))).toEqual({ kind: 'succeeded' });
  });

  it('an answer that comes before the handler has returned waits for it', async () => {
    const { account, action } = newStep();
    const returned = gate();
    let answer: Promise<unknown> | undefined;
    ledger.script.when('deposit', account, async ({ context }: Visit) => {
      const deferral = context.defer();
      answer = replies.complete(deferral.token, 'quick');
      await returned.passed;
      return deferral.later;
    });
    const sent = ledger.send(action());
    await until(() => waitingForLocks(ledger.database, 1));
    returned.open();
    expect(await sent).toEqual(DEFERRED);
    expect(await answer).toEqual(ACCEPTED);
    expect(await ledger.send(action({ attempt: 2 }))).toEqual({ kind: 'succeeded', result: 'quick' });
  });

  it('one whose handler failed after all waits for no answer, and nothing is left of it', async () => {
    const { account, action } = newStep();
    let token = '';
    ledger.script.when('deposit', account, ({ context }: Visit) => {
      token = context.defer().token;
      throw new Error('no line to the bank');
    });
    expect(await ledger.send(action())).toMatchObject({ kind: 'failed', effect: 'none' });
    expect(await replies.complete(token)).toEqual({ accepted: false, why: `deposit of saga ${account} waits for no such answer.` });
  });

  describe('bad answers change nothing', () => {
    it('what is no token is named', async () => {
      const refused = { code: 'SAGA_DEFERRED_REPLY', message: expect.stringContaining('This is no token of a deferred reply') };
      for (const token of ['', 'hello', randomUUID(), Buffer.from('null').toString('base64url')])
        await expect(replies.complete(token)).rejects.toMatchObject(refused);
    });

    it.each([{ step: 'zero \0 byte' }, { sagaId: '' }, { item: 2 ** 40 }, { direction: 'sideways' }])(
      'a token with %o is none',
      async (made) => {
        const { action, token } = deferringStep();
        await ledger.send(action());
        const given = JSON.parse(Buffer.from(token(), 'base64url').toString()) as object;
        const forged = Buffer.from(JSON.stringify({ ...given, ...made })).toString('base64url');
        await ledger.database.transaction(async (manager) => {
          await expect(replies.complete(forged, 1, { manager })).rejects.toThrow(/This is no token/);
          expect(await replies.complete(token(), 1, { manager })).toEqual(ACCEPTED);
        });
      },
    );

    it('a token that was made up fits no step', async () => {
      const { account, action, token } = deferringStep();
      await ledger.send(action());
      const forged = { ...(JSON.parse(Buffer.from(token(), 'base64url').toString()) as object), nonce: 'guessed' };
      const why = `deposit of saga ${account} waits for no such answer.`;
      expect(await replies.complete(Buffer.from(JSON.stringify(forged)).toString('base64url'))).toEqual({ accepted: false, why });
      expect(await ledger.send(action({ attempt: 2 }))).toEqual(DEFERRED);
    });

    it('R5: a result that cannot be stored is named, and can be mended', async () => {
      const { action, token } = deferringStep();
      await ledger.send(action());
      await expect(replies.complete(token(), { at: 1n })).rejects.toThrow(DeferredReplyError);
      await expect(replies.complete(token(), { at: 1n })).rejects.toThrow(/The answer's at is a BigInt/);
      expect(await replies.complete(token(), { at: 1 })).toEqual(ACCEPTED);
    });

    it('a manager without a transaction is named', async () => {
      const { action, token } = deferringStep();
      await ledger.send(action());
      await expect(replies.complete(token(), 1, { manager: ledger.database.manager })).rejects.toThrow(/has no open transaction/);
    });
  });
});
