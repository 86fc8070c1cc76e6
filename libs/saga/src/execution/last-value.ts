import type { Observable } from 'rxjs';

/** The last value of an observable, undefined where it has none. Giving it up unsubscribes, and so ends what it does. */
export function lastValueOf(observable: Observable<unknown>, giveUp: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let last: unknown;
    const subscription = observable.subscribe({
      next: (value) => (last = value),
      error: reject,
      complete: () => resolve(last),
    });
    const stop = (): void => {
      subscription.unsubscribe();
      reject(giveUp.reason as Error);
    };
    if (giveUp.aborted) stop();
    else giveUp.addEventListener('abort', stop, { once: true });
  });
}
