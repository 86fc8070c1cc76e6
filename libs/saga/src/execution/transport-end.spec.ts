import type { ClientProxy } from '@nestjs/microservices';

import { endOfTransportError, openWay } from './transport-end.js';

class EmptyResponseException extends Error {}

const judgement = { effect: 'possible' } as const;

/** What comes of a client that cannot connect. */
async function endWithoutWay(cause: unknown) {
  const client = { connect: async () => Promise.reject(cause) } as unknown as ClientProxy;
  return openWay(client).then(
    () => undefined,
    (error: unknown) => endOfTransportError(error, 'bank', judgement),
  );
}

describe('the end of a command to which the transport had no reply', () => {
  it.each<[string, unknown, string]>([
    ['an error', new Error('getaddrinfo ENOTFOUND bank'), 'getaddrinfo ENOTFOUND bank'],
    ['a text, as of NATS and Redis', 'Error: Connection lost. Trying to reconnect...', 'Error: Connection lost. Trying to reconnect...'],
    ['an error in an object, as of RabbitMQ', { err: new Error('Socket closed'), url: 'amqp://bank' }, 'Socket closed'],
  ])('R9: a way that cannot be opened carried nothing, and says why: %s', async (_, cause, message) => {
    expect(await endWithoutWay(cause)).toMatchObject({ kind: 'threw', effect: 'none', retryable: true, error: { message } });
  });

  it.each<[string, unknown, string]>([
    ['it was refused', Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
    ['nobody listens', new EmptyResponseException('Empty response.'), 'SAGA_NOBODY_LISTENS'],
    ['no handler there takes it', 'There is no matching message handler defined in the remote service.', 'SAGA_NOT_A_PARTICIPANT'],
  ])('R9: a command that nobody took had no effect: %s', (_, error, code) => {
    const end = endOfTransportError(error, 'bank', judgement);
    expect(end).toMatchObject({ kind: 'threw', effect: 'none', retryable: true, error: { code } });
  });

  it.each<[string, unknown, string]>([
    ['an error', new Error('Connection closed'), 'Connection closed'],
    ['a text', 'something', 'something'],
    ['an object with a message', { status: 'error', message: 'Internal server error' }, 'Internal server error'],
    ['nothing', undefined, 'undefined'],
  ])('R9: of any other nobody knows: %s', (_, error, message) => {
    expect(endOfTransportError(error, 'bank', judgement)).toMatchObject({ kind: 'threw', effect: 'possible', error: { message } });
  });
});
