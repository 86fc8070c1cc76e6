import { concat, EMPTY, NEVER, Observable, of, throwError } from 'rxjs';

import { lastValueOf } from './last-value.js';

const live = new AbortController().signal;

describe('the last value of an observable', () => {
  it.each<[string, Observable<unknown>, unknown]>([
    ['its only one', of('a'), 'a'],
    ['the last of several', of(1, 2, 3), 3],
    ['undefined where it has none', EMPTY, undefined],
    ['null where that came last', of(1, null), null],
  ])('is %s', async (_, observable, expected) => {
    await expect(lastValueOf(observable, live)).resolves.toBe(expected);
  });

  it('is none where it fails, whatever came before', async () => {
    const failing = concat(
      of(1),
      throwError(() => new Error('torn')),
    );
    await expect(lastValueOf(failing, live)).rejects.toThrow('torn');
  });

  it.each(['before', 'while'])('is not waited for where it is given up %s it is at work: it is unsubscribed', async (when) => {
    let subscribed = 0;
    const watched = new Observable((subscriber) => {
      subscribed += 1;
      const inner = concat(of(1), NEVER).subscribe(subscriber);
      return () => {
        subscribed -= 1;
        inner.unsubscribe();
      };
    });
    const giveUp = new AbortController();
    const reason = new Error('given up');
    if (when === 'before') giveUp.abort(reason);
    const last = lastValueOf(watched, giveUp.signal);
    expect(subscribed).toBe(when === 'before' ? 0 : 1);
    giveUp.abort(reason);
    await expect(last).rejects.toBe(reason);
    expect(subscribed).toBe(0);
  });
});
