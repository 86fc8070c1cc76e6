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

/** It looks for due sagas once a second. */
const SECONDS = 10;

describeStory('a node that has nothing to do', onPostgres(), ({ boot }) => {
  it('asks the database at most twice a second, all told', async () => {
    const app = await boot({ sagas: [NapSaga] });
    await (await app.sagas.start(NapSaga, {})).result();
    const { asked, stop } = listenToStatements();
    await eventually(
      () => asked.filter(isClaim).length,
      (claims) => claims === SECONDS,
      60_000,
    );
    stop();
    expect(asked.length).toBeLessThanOrEqual(2 * SECONDS);
  }, 90_000);
});
