import { isMessageFault, type MessageFault, readCommandMessage } from './command-message.js';
import type { CommandMessage } from './protocol.js';

const MESSAGE: CommandMessage = {
  protocol: 1,
  messageId: 'm-1',
  saga: 'order',
  sagaId: '0190-1',
  step: 'reserve',
  direction: 'forward',
  round: 1,
  attempt: 1,
  idempotencyKey: 'k-1',
  firstSentAt: 1_700_000_000_000,
  command: 'stock.reserve',
  payload: {},
  metadata: {},
};

describe('readCommandMessage', () => {
  it('takes a command, with and without what is optional', () => {
    const full = {
      ...MESSAGE,
      item: 0,
      direction: 'compensation',
      forwardIdempotencyKey: 'k-0',
      forwardFirstSentAt: 1,
      timeoutMs: 30_000,
      traceparent: 'of whatever form',
      tracestate: '',
    };
    expect(readCommandMessage(MESSAGE)).toBe(MESSAGE);
    expect(readCommandMessage(full)).toBe(full);
  });

  it('takes what it does not know: a later version may say more', () => {
    const more = { ...MESSAGE, priority: 3 };
    expect(readCommandMessage(more)).toBe(more);
  });

  it('counts characters as JSON Schema does', () => {
    const longest = { ...MESSAGE, step: '🚀'.repeat(255) };
    expect(readCommandMessage(longest)).toBe(longest);
    expect(readCommandMessage({ ...MESSAGE, step: '🚀'.repeat(256) })).toMatchObject({ why: expect.stringContaining('more than 255') });
  });

  it.each<[string, unknown]>([
    ['no object', 'reserve'],
    ['null', null],
    ['a list', [MESSAGE]],
    ['no saga id', { ...MESSAGE, sagaId: undefined }],
    ['an empty step', { ...MESSAGE, step: '' }],
    ['a name that does not fit into an index', { ...MESSAGE, sagaId: 'x'.repeat(3_000) }],
    ['U+0000, which PostgreSQL cannot store', { ...MESSAGE, step: 'a\0b' }],
    ['half a character', { ...MESSAGE, step: 'a\ud800' }],
    ['a negative item', { ...MESSAGE, item: -1 }],
    ['an item that is no integer of PostgreSQL', { ...MESSAGE, item: 2 ** 31 }],
    ['another direction', { ...MESSAGE, direction: 'sideways' }],
    ['round 0', { ...MESSAGE, round: 0 }],
    ['half an attempt', { ...MESSAGE, attempt: 1.5 }],
    ['no time', { ...MESSAGE, firstSentAt: 'yesterday' }],
    ['no time to answer', { ...MESSAGE, timeoutMs: 0 }],
    ['a payload that is a list', { ...MESSAGE, payload: [] }],
    ['metadata that are no strings', { ...MESSAGE, metadata: { tenant: 1 } }],
    ['a trace that is no text', { ...MESSAGE, traceparent: {} }],
    ['a compensation without the key of its action', { ...MESSAGE, direction: 'compensation', forwardFirstSentAt: 1 }],
    ['a compensation without the time of its action', { ...MESSAGE, direction: 'compensation', forwardIdempotencyKey: 'k' }],
  ])('R24: names what is wrong with %s', (_, message) => {
    const { code, why } = faultOf(message);
    expect(code).toBe('SAGA_MALFORMED_COMMAND');
    expect(why).toMatch(/^The message is no saga command: it.* docs\/reference\/protocol\.md\.$/);
  });

  it('refuses a protocol that it does not know', () => {
    expect(readCommandMessage({ ...MESSAGE, protocol: 2 })).toMatchObject({
      code: 'SAGA_UNKNOWN_PROTOCOL',
      why: expect.stringContaining('version 2'),
    });
    expect(readCommandMessage({ ...MESSAGE, protocol: { toString: 'x' } })).toMatchObject({ code: 'SAGA_UNKNOWN_PROTOCOL' });
  });
});

function faultOf(message: unknown): MessageFault {
  const read = readCommandMessage(message);
  if (isMessageFault(read)) return read;
  throw new Error('was read');
}
