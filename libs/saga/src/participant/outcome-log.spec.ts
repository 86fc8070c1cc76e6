import { RecordingLogger } from '../../../../test/support/recording-logger.js';
import { StepRejected } from '../planning/step-errors.js';
import { logOutcome } from './outcome-log.js';
import { newStep } from './participant.fixture.js';
import { failed } from './replies.js';

describe('what a participant logs of a command', () => {
  const message = newStep().action();
  const fields = {
    participant: 'ledger',
    command: 'ledger.deposit',
    saga: 'booking',
    sagaId: message.sagaId,
    step: 'deposit',
    metadata: { tenant: 't-1' },
  };

  it('is a line for one that failed or was refused, with the metadata that its saga was started with', () => {
    const logger = new RecordingLogger();
    const log = (outcome: Parameters<typeof logOutcome>[1]['outcome']): void =>
      logOutcome(logger, { participant: 'ledger', message, outcome });
    log({ reply: { kind: 'refused', error: { code: 'CLOSED', message: 'closed' }, effect: 'none' }, error: new StepRejected('CLOSED') });
    log({ reply: failed({ message: 'busy' }, 'none'), error: new Error('busy') });
    expect(logger.lines).toMatchObject([
      { level: 'log', text: 'Refused: closed', fields: { ...fields, code: 'CLOSED' } },
      { level: 'warn', text: 'Failed: busy', fields: { ...fields, stack: expect.stringContaining('busy') } },
    ]);
  });

  it('is nothing for one that simply succeeded', () => {
    const logger = new RecordingLogger();
    logOutcome(logger, { participant: 'ledger', message, outcome: { reply: { kind: 'succeeded' } } });
    expect(logger.lines).toEqual([]);
  });
});
