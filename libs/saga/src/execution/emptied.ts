import type { SagaView } from '../planning/view.js';
import type { SagaRow } from '../store/saga-store.js';

/** Said to whoever asks a saga for what was deleted. */
export const emptiedText = ({ name, id, status, endedAt }: SagaRow): string =>
  `${name} ${id} ended as ${status}${endedAt === null ? '' : ` at ${new Date(endedAt).toISOString()}`}, and its journal and results were deleted after \`retention\``;

/** What is left to see of it. */
export const emptiedView = ({ id, name, version, key, status, paused, startedAt, endedAt }: SagaRow): SagaView => ({
  ...{ id, name, version, key, status, paused },
  input: undefined,
  metadata: {},
  failure: null,
  waitingFor: null,
  steps: [],
  startedAt: new Date(startedAt),
  endedAt: endedAt === null ? null : new Date(endedAt),
  emptied: true,
});
