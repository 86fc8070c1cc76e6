import { asMs } from './columns.js';

/** Lock: none. */
export const readClock = (): string => `select ${asMs('clock_timestamp()')} as now`;
