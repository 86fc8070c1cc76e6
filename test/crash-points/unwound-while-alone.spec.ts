import { SagaCompensatedError } from 'nestjs-sagas';

import { HELD_AT_MOST_MS } from '../../libs/saga/src/execution/lane.js';
import { errorOf } from '../support/saga-app.js';
import { CraneSaga, Quay, ShipSaga } from './quay.js';

/** A test must be over before the others would go on beside the attempt that is alone; it does not end by itself. */
const AT_ONCE_MS = HELD_AT_MOST_MS - 2_000;

describe('a saga that turns round while its step is alone on the node', () => {
  let quay: Quay;
  beforeEach(() => (quay = new Quay()));
  afterEach(async () => quay.leave());

  it(
    'R14, R21, R30: cancelled there, its step gets its abort signal at once',
    async () => {
      const { poison } = await quay.bootAfterTwo({ name: 'poison' });
      expect(await poison.cancel('the ship leaves')).toEqual({ accepted: true });
      expect((await errorOf(poison.result(), SagaCompensatedError)).failure).toMatchObject({ kind: 'cancelled' });
      expect(quay.world.deeds).not.toContain('poison#3 ends');
    },
    AT_ONCE_MS,
  );

  it(
    'R14, R21, R30: cancelled by another node, its step gets its abort signal at once',
    async () => {
      const office = await quay.boot({ works: false });
      const { poison } = await quay.bootAfterTwo({ name: 'poison' });
      await office.sagas.get(poison.id).cancel('the ship leaves');
      await errorOf(poison.result(), SagaCompensatedError);
      expect(quay.world.deeds).not.toContain('poison#3 ends');
    },
    AT_ONCE_MS,
  );

  it(
    'R14, R21, R31: recalled by its parent on the same node, its step gets its abort signal at once',
    async () => {
      const { poison: parent } = await quay.bootAfterTwo({ name: 'poison' }, ShipSaga);
      await parent.cancel('the ship leaves');
      await errorOf(parent.result(), SagaCompensatedError);
      expect(quay.world.deeds).not.toContain('poison#3 ends');
    },
    AT_ONCE_MS,
  );

  it(
    'R16, R21: taken back by an operator, its step gets its abort signal at once',
    async () => {
      const { poison } = await quay.bootAfterTwo({ name: 'poison' });
      await poison.compensate({ operator: 'ann', reason: 'the ship leaves' });
      await errorOf(poison.result(), SagaCompensatedError);
      expect(quay.world.deeds).not.toContain('poison#3 ends');
    },
    AT_ONCE_MS,
  );

  it(
    'R21, R30: a bystander that is cancelled meanwhile ends at once, and has begun nothing',
    async () => {
      const { node, poison } = await quay.bootAfterTwo({ name: 'poison' });
      const other = await node.sagas.start(CraneSaga, { name: 'other' });
      await other.cancel('no longer needed');
      await errorOf(other.result(), SagaCompensatedError);
      expect((await poison.view()).status).toBe('running');
      expect(quay.world.deeds).not.toContain('other#1 begins');
    },
    AT_ONCE_MS,
  );
});
