import type { CommandMessage } from '../../protocol.js';

/** What a row is of, and the name of its saga. */
export type FenceKey = Pick<CommandMessage, 'saga' | 'sagaId' | 'step' | 'item'>;

/** Marks the row of a step that does not fan out. */
const NO_ITEM = -1;

/** The values of the primary key, in its order. */
export const keyOf = ({ sagaId, step, item }: FenceKey): readonly [string, string, number] => [sagaId, step, item ?? NO_ITEM];
