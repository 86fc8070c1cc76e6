import { resolveParticipantOptions, type SagaParticipantOptions } from './participant-options.js';

describe('the options of a participant', () => {
  it('have defaults for all but the name', () => {
    expect(resolveParticipantOptions({ name: 'payment' })).toEqual({
      name: 'payment',
      schema: 'saga',
      migrations: 'run',
      fenceRetentionMs: 30 * 24 * 3_600_000,
      maxPayload: 256 * 1024,
    });
  });

  it.each([
    [{ name: '' }, 'SagaParticipantModule: name is ""; give the name that @SagaCommand({ participant }) uses.'],
    [{ migrations: 'nope' }, "SagaParticipantModule: migrations is \"nope\"; give 'run', 'check' or 'off'."],
    [{ fenceRetention: 'soon' }, 'SagaParticipantModule: fenceRetention is "soon"; give milliseconds'],
    [{ fenceRetention: 0 }, 'SagaParticipantModule: fenceRetention is 0; give more than 0'],
    [{ fenceRetention: '0d' }, 'SagaParticipantModule: fenceRetention is "0d"; give more than 0'],
    [{ maxPayload: 0 }, 'SagaParticipantModule: maxPayload is 0; give a whole number of bytes from 1.'],
    [{ maxPayload: '1MB' }, 'SagaParticipantModule: maxPayload is "1MB"; give a whole number'],
  ])('refuse nonsense: %p', (options, message) => {
    expect(() => resolveParticipantOptions({ name: 'payment', ...options } as SagaParticipantOptions)).toThrow(message);
  });
});
