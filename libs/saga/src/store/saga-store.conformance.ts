import { describeChanges } from './conformance/changes.conformance.js';
import { describeCheckpoints } from './conformance/checkpoints.conformance.js';
import { describeGraphs } from './conformance/graphs.conformance.js';
import { describeMail } from './conformance/mail.conformance.js';
import { describeNodes } from './conformance/nodes.conformance.js';
import { describeReading } from './conformance/reading.conformance.js';
import { describeRetention } from './conformance/retention.conformance.js';
import { describeStarting } from './conformance/starting.conformance.js';
import type { MakeStore } from './conformance/store-under-test.js';

/**
 * The guarantees of `SagaStore`, as tests that every store passes.
 *
 * @param makeStore an open store without sagas; called for each group of tests
 */
export function describeSagaStore(name: string, makeStore: MakeStore): void {
  describe(name, () => {
    describeStarting(makeStore);
    describeCheckpoints(makeStore);
    describeChanges(makeStore);
    describeGraphs(makeStore);
    describeMail(makeStore);
    describeNodes(makeStore);
    describeReading(makeStore);
    describeRetention(makeStore);
  });
}
