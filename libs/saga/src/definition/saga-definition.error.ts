import { SagaError } from '../planning/saga-error.js';

/** One mistake in a saga definition. */
export interface SagaFault {
  /** Name of the class. */
  readonly saga: string;
  /** Where one method is at fault. */
  readonly method?: string;
  /** What is wrong and how to mend it; reads on from the name of the class or method. */
  readonly message: string;
}

/** At boot: all faults of all sagas. */
export class SagaDefinitionError extends SagaError {
  readonly code = 'SAGA_DEFINITION';

  constructor(
    /** All of them, saga by saga. */
    readonly faults: readonly SagaFault[],
  ) {
    super(describe(faults));
  }
}

function describe(faults: readonly SagaFault[]): string {
  const sagas = new Set(faults.map(({ saga }) => saga)).size;
  const width = Math.max(...faults.map((fault) => placeOf(fault).length));
  const lines = faults.map((fault) => `\n  ${placeOf(fault).padEnd(width)}  ${fault.message}`);
  return `${count(faults.length, 'fault')} in ${count(sagas, 'saga')}; nothing was started.${lines.join('')}`;
}

/** Where a fault is, as its line begins. */
export const placeOf = ({ saga, method }: SagaFault): string => (method === undefined ? saga : `${saga}.${method}`);

const count = (number: number, thing: string): string => `${number} ${thing}${number === 1 ? '' : 's'}`;
