import { underTodaysNames } from '../definition/begun-under.js';
import type { RegisteredSaga } from '../definition/registered-saga.js';
import { childEndOf } from '../planning/children.js';
import type { Decision } from '../planning/decide.js';
import type { SagaInstance } from '../planning/definition.js';
import type { StoredValue } from '../planning/payload.js';
import type { Mail } from '../store/mail.js';

/** What a child that ends by a decision tells its parent: it is durable together with that end. [R31] */
export function mailToParent(registered: RegisteredSaga, child: SagaInstance, { entries, state }: Decision): readonly Mail[] {
  if (child.parent === undefined || !entries.some(({ kind }) => kind === 'saga-completed' || kind === 'saga-compensated')) return [];
  const end = childEndOf(registered.definition, child, state);
  if (end === undefined) return [];
  const payload =
    end.status === 'completed'
      ? { ...end, results: underTodaysNames(registered, end.results as Readonly<Record<string, StoredValue>>) }
      : end;
  return [{ to: { sagaId: child.parent.sagaId }, channel: 'child', name: child.id, payload: payload as unknown as StoredValue }];
}
