import { readOptions, readPortBase, readTransport } from './options.js';

describe('the command line', () => {
  const read = (...args: string[]) => readOptions(args, { orders: { type: 'string' } }, 'usage: …');

  it('gives the options', () => {
    expect(read('--orders', 'mine.jsonl').orders).toBe('mine.jsonl');
    expect(read().orders).toBeUndefined();
  });

  it('names what it does not know, with the usage', () => {
    expect(() => read('--order', 'x')).toThrow("Unknown option '--order'\n\nusage: …");
    expect(() => read('mine.jsonl')).toThrow(/^Unexpected argument 'mine\.jsonl'.*\n\nusage: …$/);
    expect(() => read('--orders')).toThrow(/'--orders <value>' argument missing\n\nusage: …$/);
  });

  it('takes a base that leaves room for all ports', () => {
    expect(readPortBase(undefined, 10)).toBeUndefined();
    expect(readPortBase('3000', 10)).toBe(3_000);
    for (const bad of ['80', '65530', 'x', '3000.5', ''])
      expect(() => readPortBase(bad, 10)).toThrow('--port-base must be a whole number from 1024 to 65526');
  });

  it('takes no broker for tcp, and names the transports that there are', () => {
    expect([readTransport(undefined), readTransport('tcp')]).toEqual([undefined, undefined]);
    expect(() => readTransport('kafka')).toThrow('--transport must be one of tcp, nats, rabbitmq, redis, not "kafka".');
  });

  it('names the package of a broker that this machine does not have, in one line', () => {
    const path = process.env['PATH'];
    process.env['PATH'] = '';
    try {
      expect(() => readTransport('redis')).toThrow(
        /^Redis is not installed on this machine: apt-get install redis-server \(on Debian\)\.$/,
      );
    } finally {
      process.env['PATH'] = path;
    }
  });
});
