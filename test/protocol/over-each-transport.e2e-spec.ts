import { randomUUID } from 'node:crypto';

import { LedgerService } from '../../libs/saga/src/participant/participant.fixture.js';
import { eventually } from '../support/eventually.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { describeOverEachTransport } from '../support/transports.js';
import { type HandMadeSender, SENDERS } from './hand-made-senders.js';
import type { Packet } from './packets.js';

const START_MS = 60_000;

describeOverEachTransport('packets made by hand', (transport) => {
  const logger = new RecordingLogger();
  let database: TestDatabase;
  let ledger: LedgerService;
  let sender: HandMadeSender;

  beforeAll(async () => {
    database = await createTestDatabase();
    ledger = await LedgerService.start(database.url, await transport.open(), { logger });
    sender = await SENDERS[transport.name]!(ledger.wire);
  }, START_MS);
  beforeEach(() => {
    sender.answers.length = 0;
    logger.lines.length = 0;
  });
  afterAll(async () => {
    await sender.close();
    await ledger.stop();
    await database.drop();
  });

  const answer = async (): Promise<Packet | undefined> => {
    const [first] = await eventually(
      () => sender.answers,
      ({ length }) => length > 0,
    );
    return first;
  };

  const command = (sagaId: string, more: object = {}) => ({
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
  });

  const packet = (data: unknown) => JSON.stringify({ pattern: 'nestjs-sagas.ledger', id: 'request 1', data });

  it('R25: a command is done and answered where the page says', async () => {
    const account = `🚀 ${randomUUID()}`;
    sender.send(packet(command(account)));
    expect(await answer()).toEqual({
      ...(transport.name !== 'RabbitMQ' && { id: 'request 1' }),
      isDisposed: true,
      response: { kind: 'succeeded', result: { account } },
    });
    expect(await ledger.lines(account)).toEqual(['deposit']);
  });

  it('R24: what is no command is answered with its reason', async () => {
    sender.send(packet({ protocol: 1, saga: 'saving' }));
    expect(await answer()).toMatchObject({ response: { kind: 'failed', error: { code: 'SAGA_MALFORMED_COMMAND' }, effect: 'none' } });
  });

  // Over TCP it is the end of a connection: the participant that is driven by hand is shown it.
  if (!transport.hasBroker) return;

  it.each([
    ['no JSON', 'hello'],
    ['no packet', '{}'],
    ['a number', '7'],
    ['null', 'null'],
  ])('R32: %s is logged, and harms nobody', async (_, text) => {
    sender.send(text);
    await eventually(
      () => logger.lines,
      (lines) => lines.some(({ level }) => level === 'error' || level === 'warn'),
    );
    const account = randomUUID();
    sender.send(packet(command(account)));
    expect(await answer()).toMatchObject({ response: { kind: 'succeeded', result: { account } } });
  });
});
