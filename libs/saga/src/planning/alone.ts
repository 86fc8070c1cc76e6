import { type NodeState, type SagaState, someNode, type Tries } from './state.js';

/** From this crash on an attempt has its node for itself: what it does to the node, it does to no other saga. [R21] */
const ALONE_FROM_CRASHES = 2;

export const runsAlone = ({ crashes }: Pick<Tries, 'crashes'>): boolean => crashes >= ALONE_FROM_CRASHES;

/** Such an attempt is under way, in either direction. */
export const hasOneAlone = (state: SagaState): boolean => someNode(state, runsAloneNow);

const runsAloneNow = (node: NodeState): boolean => isUnderWayAlone(node) || isUnderWayAlone(node.compensation);

const isUnderWayAlone = (tries: Tries): boolean => tries.open !== null && runsAlone(tries);
