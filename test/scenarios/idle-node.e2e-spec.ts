import { SagaDefinition, SagaStep } from 'nestjs-sagas';

import { eventually } from '../support/eventually.js';
import { onPostgres } from '../support/on-postgres.js';
import { describeStory } from '../support/saga-app.js';
import { isClaim, listenToStatements } from '../support/statements.js';

@SagaDefinition({ name: 'nap' })
class NapSaga {
  @SagaStep({ kind: 'readonly' })
  async sleep() {}
}

/** Looks for due sagas: a heartbeat now and then, and all else, comes between them. */
const LOOKS = 20;

describeStory('a node that has nothing to do', onPostgres(), ({ boot }) => {
  it('asks the database at most twice a second, all told', async () => {
    const app = await boot({ sagas: [NapSaga] });
    await (await app.sagas.start(NapSaga, {})).result();
    const { asked, stop } = listenToStatements();
    const began = performance.now();
    await eventually(
      () => asked.filter(isClaim).length,
      (claims) => claims === LOOKS,
      60_000,
    );
    stop();
    const seconds = (performance.now() - began) / 1_000;
    expect(asked.length).toBeLessThanOrEqual(2 * seconds);
  }, 90_000);
});
