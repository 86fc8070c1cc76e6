import { Transport } from '@nestjs/microservices';
import { z } from 'zod';

import { environmentFaults } from './environment.js';
import { brokerUrl, wayTo } from './transport.js';

const way = (url?: string) => wayTo('stock', { host: '127.0.0.1', port: 4002, brokerUrl: url });

describe('the way to a participant', () => {
  it('is TCP where no broker is given', () => {
    expect(way()).toEqual({ transport: Transport.TCP, options: { host: '127.0.0.1', port: 4002 } });
  });

  it.each([
    ['nats://127.0.0.1:4222', Transport.NATS, { servers: ['nats://127.0.0.1:4222'], queue: 'stock' }],
    ['amqp://127.0.0.1:5672', Transport.RMQ, { urls: ['amqp://127.0.0.1:5672'], queue: 'shop.stock' }],
    ['redis://ann:s%40fe@127.0.0.1:6380', Transport.REDIS, { host: '127.0.0.1', port: 6380, username: 'ann', password: 's@fe' }],
  ])('is that of the broker: %s', (url, transport, options) => {
    expect(way(url)).toMatchObject({ transport, options });
  });

  it('names a broker that it does not know', () => {
    const schema = z.object({ BROKER_URL: brokerUrl() });
    expect(environmentFaults(schema, { BROKER_URL: 'kafka://127.0.0.1' })).toEqual([
      'BROKER_URL must be a nats://, amqp:// or redis:// url; leave it out for TCP',
    ]);
    expect(environmentFaults(schema, {})).toEqual([]);
  });
});
