import { randomUUID } from 'node:crypto';

import { LedgerService } from '../../libs/saga/src/participant/participant.fixture.js';
import { eventually } from '../support/eventually.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { HandMadeOrchestrator } from './hand-made-orchestrator.js';
import { framed } from './packets.js';

/** A command of the ledger's, with all that a command must have. */
function command(sagaId: string, more: object = {}) {
  return {
    protocol: 1,
    messageId: randomUUID(),
    saga: 'saving',
    sagaId,
    step: 'deposit',
    direction: 'forward',
    round: 1,
    attempt: 1,
    idempotencyKey: `${sagaId}:deposit`,
    firstSentAt: Date.now(),
    command: 'ledger.deposit',
    payload: { account: sagaId },
    metadata: {},
    ...more,
  };
}

const rawPacket = (json: string): string => `${json.length}#${json}`;

const compensation = (sagaId: string) =>
  command(sagaId, {
    direction: 'compensation',
    command: 'ledger.take-back',
    idempotencyKey: `${sagaId}:deposit:compensation`,
    forwardIdempotencyKey: `${sagaId}:deposit`,
    forwardFirstSentAt: Date.now(),
  });

describe('a participant, driven with messages made by hand', () => {
  const logger = new RecordingLogger();
  let database: TestDatabase;
  let ledger: LedgerService;
  let orchestrator: HandMadeOrchestrator;

  beforeAll(async () => {
    database = await createTestDatabase();
    ledger = await LedgerService.start(database.url, undefined, { logger });
    orchestrator = await HandMadeOrchestrator.connect(ledger.wire.port);
  });
  beforeEach(() => {
    logger.lines.length = 0;
  });
  afterAll(async () => {
    orchestrator.close();
    await ledger.stop();
    await database.drop();
  });

  const warnings = () => logger.of('SagaParticipant').filter(({ level }) => level === 'warn');

  it('R25: does what a command says, and answers the same when it comes again', async () => {
    const account = randomUUID();
    const done = { kind: 'succeeded', result: { account } };
    expect(await orchestrator.ask(command(account))).toEqual({ id: expect.any(String), isDisposed: true, response: done });
    expect(await orchestrator.ask(command(account, { attempt: 2 }))).toMatchObject({ response: done });
    expect(await orchestrator.ask(compensation(account))).toMatchObject({ response: { kind: 'succeeded' } });
    expect(await ledger.lines(account)).toEqual(['deposit', 'take-back']);
  });

  it('R25: refuses an action that its compensation overtook', async () => {
    const account = randomUUID();
    expect(await orchestrator.ask(compensation(account))).toMatchObject({ response: { kind: 'succeeded' } });
    expect(await orchestrator.ask(command(account))).toMatchObject({
      response: { kind: 'refused', error: { code: 'SAGA_COMPENSATED_BEFORE' }, effect: 'none' },
    });
    expect(await ledger.lines(account)).toEqual([]);
  });

  it('counts the length of a packet as the page says, and takes packets however they come', async () => {
    const [one, two] = [`🚀 ${randomUUID()}`, randomUUID()];
    const bytes = Buffer.from(
      [one, two].map((account) => framed({ pattern: 'nestjs-sagas.ledger', id: account, data: command(account) })).join(''),
    );
    const inARocket = bytes.indexOf('🚀') + 2;
    orchestrator.write(bytes.subarray(0, inARocket));
    orchestrator.write(bytes.subarray(inARocket));
    expect(await orchestrator.answerTo(one)).toMatchObject({ response: { kind: 'succeeded', result: { account: one } } });
    expect(await orchestrator.answerTo(two)).toMatchObject({ response: { kind: 'succeeded', result: { account: two } } });
  });

  it('R25: a command that wants no answer is done, and who asks later gets its reply', async () => {
    const account = randomUUID();
    const before = orchestrator.received.length;
    orchestrator.tell(command(account));
    await eventually(
      () => ledger.lines(account),
      ({ length }) => length === 1,
    );
    expect(await orchestrator.ask(command(account, { attempt: 2 }))).toMatchObject({
      response: { kind: 'succeeded', result: { account } },
    });
    expect(await ledger.lines(account)).toEqual(['deposit']);
    expect(orchestrator.received).toHaveLength(before + 1);
  });

  it('says who wants what of another participant', async () => {
    expect(await orchestrator.ask(command(randomUUID()), 'nestjs-sagas.post')).toEqual({
      id: expect.any(String),
      status: 'error',
      err: expect.stringContaining('no matching message handler'),
    });
  });

  it.each<[string, unknown, object]>([
    ['no command', 'deposit', { code: 'SAGA_MALFORMED_COMMAND' }],
    ['nothing', undefined, { code: 'SAGA_MALFORMED_COMMAND' }],
    ['null', null, { code: 'SAGA_MALFORMED_COMMAND' }],
    ['a list', [command('s-1')], { code: 'SAGA_MALFORMED_COMMAND' }],
    [
      'a command without its round',
      command('s-2', { round: undefined }),
      { code: 'SAGA_MALFORMED_COMMAND', sagaId: 's-2', step: 'deposit' },
    ],
    [
      'a payload that is too large',
      command('s-3', { payload: { account: 'x'.repeat(300_000) } }),
      { code: 'SAGA_MALFORMED_COMMAND', sagaId: 's-3' },
    ],
    [
      'a payload that is nested too deep',
      command('s-4', { payload: { account: deep(200) } }),
      { code: 'SAGA_MALFORMED_COMMAND', sagaId: 's-4' },
    ],
    ['metadata that are no texts', command('s-5', { metadata: { a: deep(1_000) } }), { code: 'SAGA_MALFORMED_COMMAND', sagaId: 's-5' }],
    ['another protocol', command('s-6', { protocol: 2 }), { code: 'SAGA_UNKNOWN_PROTOCOL', sagaId: 's-6' }],
    ['an unknown command', command('s-7', { command: 'ledger.burn' }), { code: 'SAGA_UNKNOWN_COMMAND', sagaId: 's-7' }],
  ])('R24: %s is answered with its reason, and logged once', async (_, data, fields) => {
    const { response } = await orchestrator.ask(data);
    expect(response).toMatchObject({ kind: 'failed', error: { code: (fields as { code: string }).code }, effect: 'none' });
    expect(warnings()).toMatchObject([{ fields: { participant: 'ledger', ...fields } }]);
  });

  it('R24: what is malformed and wants no answer is logged', async () => {
    orchestrator.tell({ protocol: 1, saga: 'saving', sagaId: 's-8' });
    const [line] = await eventually(warnings, ({ length }) => length > 0);
    expect(line).toMatchObject({ text: expect.stringContaining('its field messageId must be a text'), fields: { sagaId: 's-8' } });
  });

  it('R32: keys that would reach into all objects reach nothing', async () => {
    const account = randomUUID();
    const polluting = JSON.stringify(command(account)).replace(
      '"payload":{',
      '"__proto__":{"polluted":true},"payload":{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},',
    );
    orchestrator.write(rawPacket(`{"pattern":"nestjs-sagas.ledger","id":"${account}","data":${polluting}}`));
    expect(await orchestrator.answerTo(account)).toMatchObject({ response: { kind: 'succeeded' } });
    expect({}).not.toHaveProperty('polluted');
  });

  it.each([
    ['is no JSON', '5#{"a":', 'is the end of its connection'],
    ['has no length', 'hello#world', 'is the end of its connection'],
    ['is a number', '2#12', 'is left alone'],
    ['is no packet', '2#{}', 'is left alone'],
    ['has a pattern without end', rawPacket(`{"pattern":${'['.repeat(50_000)}${']'.repeat(50_000)}}`), 'is left alone'],
  ])('R32: what %s is logged, and harms nobody else', async (_, text, what) => {
    const stranger = await HandMadeOrchestrator.connect(ledger.wire.port);
    stranger.write(text);
    await eventually(
      () => logger.of('Server'),
      (lines) => lines.some(({ level }) => level === 'error'),
    );
    const account = randomUUID();
    expect(await orchestrator.ask(command(account))).toMatchObject({ response: { kind: 'succeeded' } });
    if (what === 'is left alone') stranger.close();
    await stranger.ended;
    expect(await orchestrator.ask(command(account))).toMatchObject({ response: { kind: 'succeeded' } });
    expect(await ledger.lines(account)).toEqual(['deposit']);
  });
});

function deep(levels: number): unknown {
  return JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);
}
