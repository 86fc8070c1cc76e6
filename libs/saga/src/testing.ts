// What users test their sagas with; imported as `nestjs-sagas/testing`.
export { compensationContext, stepContext } from './testing/step-context.js';
