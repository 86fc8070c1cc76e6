import type { SagaState, Tries } from './state.js';

/** From this crash on an attempt has its node for itself: what it does to the node, it does to no other saga. [R21] */
const ALONE_FROM_CRASHES = 2;

export const runsAlone = ({ crashes }: Pick<Tries, 'crashes'>): boolean => crashes >= ALONE_FROM_CRASHES;

/** Such an attempt is under way, in either direction. */
export const hasOneAlone = ({ steps }: SagaState): boolean =>
  Object.values(steps).some(({ nodes }) => nodes.some((node) => isUnderWayAlone(node) || isUnderWayAlone(node.compensation)));

const isUnderWayAlone = (tries: Tries): boolean => tries.open !== null && runsAlone(tries);
