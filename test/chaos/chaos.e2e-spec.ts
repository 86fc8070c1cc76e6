import { describeProcesses, TEST_TIMEOUT_MS } from '../processes/stage.js';
import { chaos } from './chaos.js';

const SEED = 7;

describeProcesses('three nodes, and each second one is killed or frozen, or all connections are cut', (stage) => {
  it(
    `R18, R19: every saga ends as it should, with every effect where it belongs (seed ${SEED})`,
    async () => {
      const { sagas, strikes } = await chaos(stage(), { sagas: 250, seconds: 6, seed: SEED });
      for (const what of ['killed', 'frozen', 'database']) expect(strikes).toContainEqual(expect.stringContaining(what));
      expect(new Set(sagas.map(({ row }) => row.status))).toEqual(new Set(['completed', 'compensated']));
      const cutShort = sagas.filter(({ journal }) => journal.some(({ kind }) => kind === 'attempt-interrupted'));
      expect(cutShort).not.toHaveLength(0);
    },
    TEST_TIMEOUT_MS,
  );
});
