import { Logger } from '@nestjs/common';

import type { Observer } from '../execution/observation.js';

/** One observer of many. One that throws disturbs neither the others nor the saga. [R33] */
export function tellAll(...observers: readonly Observer[]): Observer {
  const logger = new Logger('Saga');
  return (observation) => {
    for (const observe of observers) {
      try {
        observe(observation);
      } catch (error) {
        logger.error(`an observer threw: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };
}
