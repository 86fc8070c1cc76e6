import { Command } from '@nestjs/cqrs';

import { eventually } from '../../../../test/support/eventually.js';
import { BROKER_MS, describeOverEachTransport, type Wire } from '../../../../test/support/transports.js';
import { SagaCommand } from '../definition/saga-command.decorator.js';
import { StepRejected } from '../planning/step-errors.js';
import {
  connectTo,
  createTestDatabase,
  gate,
  LedgerService,
  newStep,
  PARTICIPANT,
  send,
  sendUntilAnswered,
  type TestDatabase,
} from './participant.fixture.js';
import { SagaParticipant } from './saga-participant.js';

@SagaCommand({ name: 'ledger.unheard-of', participant: PARTICIPANT })
export class WithoutHandler extends Command<void> {}

@SagaCommand({ name: 'post.send', participant: 'post' })
export class OfAnotherParticipant extends Command<void> {}

const DEEP = { a: [{ b: ['ü', '\u2028', null, 1e21] }], long: 'x'.repeat(100_000) };

describeOverEachTransport('a participant', (transport) => {
  let database: TestDatabase;
  let wire: Wire;
  let ledger: LedgerService;

  beforeAll(async () => {
    database = await createTestDatabase();
    wire = await transport.open();
    ledger = await LedgerService.start(database.url, wire);
  }, BROKER_MS);

  afterAll(async () => {
    await ledger.stop();
    await database.drop();
  });

  it('R24: what a handler returns comes back as it was, however deep and long', async () => {
    const { account, action } = newStep();
    ledger.script.when('deposit', account, () => DEEP);
    expect(await ledger.send(action())).toEqual({ kind: 'succeeded', result: DEEP });
  });

  it('R9: so does a refusal, with code and details, and a failure with what is known of its effect', async () => {
    const [refusing, failing] = [newStep(), newStep()];
    ledger.script.when('deposit', refusing.account, () => {
      throw new StepRejected('CLOSED', 'the account is closed', { since: 2020 });
    });
    ledger.script.when('deposit', failing.account, () => {
      throw Object.assign(new Error('out of paper'), { code: 'E_PAPER' });
    });
    expect(await ledger.send(refusing.action())).toEqual({
      kind: 'refused',
      error: { code: 'CLOSED', message: 'the account is closed', details: { since: 2020 } },
      effect: 'none',
    });
    expect(await ledger.send(failing.action())).toMatchObject({
      kind: 'failed',
      error: { code: 'E_PAPER', message: 'out of paper' },
      effect: 'none',
    });
  });

  it.each<[string, unknown, string]>([
    ['text', 'hello', 'SAGA_MALFORMED_COMMAND'],
    ['another protocol', newStep().action({ protocol: 99 as 1 }), 'SAGA_UNKNOWN_PROTOCOL'],
    ['no step', { ...newStep().action(), step: 7 }, 'SAGA_MALFORMED_COMMAND'],
    ['an unknown command', newStep().action({ command: 'ledger.burn' }), 'SAGA_UNKNOWN_COMMAND'],
    ['a name of Object.prototype', newStep().action({ command: '__proto__' }), 'SAGA_UNKNOWN_COMMAND'],
    [OfAnotherParticipant.name, newStep().action({ command: 'post.send' }), 'SAGA_UNKNOWN_COMMAND'],
    [WithoutHandler.name, newStep().action({ command: 'ledger.unheard-of' }), 'SAGA_UNKNOWN_COMMAND'],
    ['a payload that is a date', newStep().action({ payload: { $date: '2026-01-01T00:00:00.000Z' } }), 'SAGA_MALFORMED_COMMAND'],
  ])('R24: %s is answered, and has no effect', async (_, message, code) => {
    expect(await ledger.send(message)).toMatchObject({ kind: 'failed', error: { code }, effect: 'none' });
  });

  it('R25: a command that the wire repeats is done once, and answered each time alike', async () => {
    const { account, action } = newStep();
    const message = action();
    const replies = await Promise.all(Array.from({ length: 5 }, async () => ledger.send(message)));
    expect(replies).toEqual(Array.from({ length: 5 }, () => ({ kind: 'succeeded', result: { account } })));
    expect(await ledger.lines(account)).toEqual(['deposit']);
  });

  it('R22: a service that stops waits for the commands at work, although nobody hears their replies any more', async () => {
    const service = await LedgerService.start(database.url, await transport.open());
    const { account, action } = newStep();
    const [entered, hold] = [gate(), gate()];
    service.script.when('deposit', account, () => (entered.open(), hold.passed));
    const reply = expect(service.send(action())).rejects.toThrow('Connection closed');
    await entered.passed;
    const stopped = service.app.close();
    await service.client.close();
    await reply;
    const participant = service.app.get(SagaParticipant);
    await eventually(
      async () => participant.handle(newStep().action()),
      (answer) => answer.kind === 'failed' && answer.error.code === 'SAGA_PARTICIPANT_UNAVAILABLE' && answer.effect === 'none',
    );
    hold.open();
    await stopped;
    expect(await ledger.send(action({ attempt: 2 }))).toEqual({ kind: 'succeeded', result: { account } });
    expect(await ledger.lines(account)).toEqual(['deposit']);
  });

  it('R26: a client finds the service again after it was restarted', async () => {
    const first = await LedgerService.start(database.url, await transport.open());
    const { account, action } = newStep();
    const { client } = first;
    expect(await send(client, action())).toMatchObject({ kind: 'succeeded' });
    await first.app.close();
    const lost = newStep();
    const reply = sendUntilAnswered(client, lost.action());
    const second = await LedgerService.start(database.url, first.wire);
    expect(await reply).toMatchObject({ kind: 'succeeded' });
    expect(await sendUntilAnswered(client, action({ attempt: 2 }))).toMatchObject({ kind: 'succeeded' });
    expect(await second.lines(account)).toEqual(['deposit']);
    expect(await second.lines(lost.account)).toEqual(['deposit']);
    await client.close();
    await second.stop();
  });

  it('R26: what is sent while nobody listens is done when it is sent again', async () => {
    const lonely = await transport.open();
    const client = connectTo(lonely);
    const { account, action } = newStep();
    const reply = sendUntilAnswered(client, action());
    const service = await LedgerService.start(database.url, lonely);
    expect(await reply).toEqual({ kind: 'succeeded', result: { account } });
    expect(await service.lines(account)).toEqual(['deposit']);
    await client.close();
    await service.stop();
  });

  if (!transport.hasBroker) return;

  it(
    'R25, R26: a broker that dies and comes back carries on, and nothing is done twice',
    async () => {
      const [before, meanwhile, after] = [newStep(), newStep(), newStep()];
      const [entered, hold] = [gate(), gate()];
      ledger.script.when('deposit', meanwhile.account, () => (entered.open(), hold.passed));
      expect(await ledger.send(before.action())).toMatchObject({ kind: 'succeeded' });
      const reply = sendUntilAnswered(ledger.client, meanwhile.action());
      await entered.passed;
      await wire.broker?.stop();
      hold.open();
      await wire.broker?.start();
      expect(await reply).toEqual({ kind: 'succeeded', result: { account: meanwhile.account } });
      expect(await sendUntilAnswered(ledger.client, after.action())).toMatchObject({ kind: 'succeeded' });
      for (const { account } of [before, meanwhile, after]) expect(await ledger.lines(account)).toEqual(['deposit']);
    },
    BROKER_MS,
  );

  it.each([
    ['in its database', false],
    ['outside', true],
  ])('R25: of a service that runs twice, one instance does what a command asks, %s', async (_, outside) => {
    const second = await LedgerService.start(database.url, wire);
    const steps = Array.from({ length: 20 }, () => newStep(outside));
    const replies = await Promise.all(steps.map(async ({ action }) => sendUntilAnswered(ledger.client, action())));
    expect(replies).toEqual(steps.map(({ account }) => ({ kind: 'succeeded', result: { account } })));
    const calls = [...ledger.script.calls, ...second.script.calls];
    for (const { account } of steps) {
      expect(calls.filter((call) => call.endsWith(` ${account}`))).toHaveLength(1);
      expect(await ledger.lines(account)).toHaveLength(1);
    }
    await second.stop();
  });
});
