import { LazyAbort } from './lazy-abort.js';

describe('an abort whose signal is made on demand', () => {
  it('aborts the signal that was asked for before, and the one that is asked for later', () => {
    const [before, after] = [new LazyAbort(), new LazyAbort()];
    const early = before.signal;
    for (const abort of [before, after]) abort.abort(new Error('unwinds'));
    for (const signal of [early, before.signal, after.signal])
      expect(signal).toMatchObject({ aborted: true, reason: new Error('unwinds') });
    expect(before.signal).toBe(early);
  });

  it('keeps the first reason', () => {
    const abort = new LazyAbort();
    for (const reason of ['timed out', 'stops']) abort.abort(new Error(reason));
    expect([abort.reason?.message, (abort.signal.reason as Error).message]).toEqual(['timed out', 'timed out']);
  });

  it('calls who listens once, whether he came before or after', () => {
    const abort = new LazyAbort();
    const heard: string[] = [];
    abort.onAbort(() => heard.push('before'));
    for (const reason of ['timed out', 'stops']) abort.abort(new Error(reason));
    abort.onAbort(() => heard.push('after'));
    expect(heard).toEqual(['before', 'after']);
    expect(() => abort.throwIfAborted()).toThrow('timed out');
  });

  it('has no reason, and a signal that is not aborted, until it is', () => {
    const abort = new LazyAbort();
    expect([abort.reason, abort.signal.aborted]).toEqual([undefined, false]);
    expect(() => abort.throwIfAborted()).not.toThrow();
  });
});
