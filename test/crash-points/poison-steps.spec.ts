import { SagaStuckError } from 'nestjs-sagas';

import { errorOf } from '../support/saga-app.js';
import { CraneSaga, Quay } from './quay.js';

describe('a step that has killed two nodes', () => {
  let quay: Quay;
  beforeEach(() => (quay = new Quay()));
  afterEach(async () => quay.leave());

  it('R21: runs alone: nobody begins beside it, and all go on afterwards', async () => {
    const { node, poison } = await quay.bootAfterTwo({ name: 'poison' });
    const others = await Promise.all(['a', 'b', 'c'].map(async (name) => node.sagas.start(CraneSaga, { name })));
    quay.open('a#1', 'b#1', 'c#1');
    for (const other of others) expect(await other.view()).toMatchObject({ status: 'pending', steps: [{ attempts: 0 }, { attempts: 0 }] });
    quay.open('poison#3');
    await Promise.all([poison, ...others].map(async (saga) => saga.result()));
    expect(quay.world.deeds.slice(2, 4)).toEqual(['poison#3 begins', 'poison#3 ends']);
    expect(quay.world.deeds.slice(4).toSorted()).toEqual(['a', 'b', 'c'].flatMap((name) => [`${name}#1 begins`, `${name}#1 ends`]));
  });

  it('R21: waits until what is under way has ended', async () => {
    const { node, poison } = await quay.bootAfterTwo({ name: 'poison', fails: 3 });
    const other = await node.sagas.start(CraneSaga, { name: 'other' });
    quay.open('poison#3', 'poison#4');
    await quay.begun('other#1');
    quay.open('other#1');
    await Promise.all([poison.result(), other.result()]);
    expect(quay.world.deeds.slice(3)).toEqual(['poison#3 ends', 'other#1 begins', 'other#1 ends', 'poison#4 begins', 'poison#4 ends']);
  });

  it('R21: takes no bystander with it: what waits has not begun, so its node may die as often as it likes', async () => {
    let node = await quay.boot();
    const poison = await node.sagas.start(CraneSaga, { name: 'poison', kills: 4 });
    const other = await node.sagas.start(CraneSaga, { name: 'other' });
    for (const attempt of [1, 2]) {
      await quay.begun(`other#${attempt}`);
      await quay.begun(`poison#${attempt}`);
      quay.open(`poison#${attempt}`);
      await node.life.died;
      node = await quay.boot();
    }
    quay.open('poison#3', 'poison#4', 'other#3', 'poison#5');
    await node.life.died;
    await (
      await quay.boot()
    ).life.died;
    node = await quay.boot();
    await Promise.all([poison, other].map(async ({ id }) => node.sagas.get(id).result()));
    expect((await node.sagas.get(other.id).view()).steps[0]).toMatchObject({ status: 'succeeded', attempts: 3 });
    expect((await node.sagas.get(poison.id).view()).steps[0]).toMatchObject({ status: 'succeeded', attempts: 5 });
  }, 20_000);

  it('R16, R21: is stuck when it has killed five; tried again by an operator, it may crash as often as before', async () => {
    quay.open(...[1, 2, 3, 4, 5, 6, 7].map((attempt) => `poison#${attempt}`));
    const first = await quay.boot();
    const { id } = await first.sagas.start(CraneSaga, { name: 'poison', kills: 6 });
    await first.life.died;
    for (let died = 1; died < 5; died += 1) await quay.die();
    const sixth = await quay.boot();
    const { failure } = await errorOf(sixth.sagas.get(id).result(), SagaStuckError);
    expect(failure).toMatchObject({ step: 'lift', code: 'SAGA_POISON_STEP' });
    await Promise.race([sixth.life.died, sixth.sagas.get(id).retry({ operator: 'ann', reason: 'the crane is mended' })]);
    await sixth.life.died;
    const saga = (await quay.boot()).sagas.get(id);
    await saga.result();
    expect((await saga.view()).steps[0]).toMatchObject({ status: 'succeeded', attempts: 7 });
  }, 20_000);
});
