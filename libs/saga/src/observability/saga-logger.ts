import { inspect } from 'node:util';

import { Logger } from '@nestjs/common';

import type { Observation, Observer } from '../execution/observation.js';
import type { SagaInstance } from '../planning/definition.js';
import { describeFailure } from '../planning/failure.js';
import type { Entry } from '../planning/journal.js';
import type { ByOperator } from '../planning/operator-note.js';

type Level = 'debug' | 'log' | 'warn' | 'error';

interface Line {
  readonly level: Level;
  readonly text: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** Says in Nest's log what happened, with saga, step and attempt as fields, and what the saga was started with as `metadata`. */
export function sagaLogger(given?: Pick<Logger, Level>): Observer {
  const logger = given ?? new Logger('Saga');
  const tellsDebug = (): boolean => given !== undefined || Logger.isLevelEnabled('debug');
  return (observation) => {
    const line = lineOf(observation);
    if (line === undefined || (line.level === 'debug' && !tellsDebug())) return;
    logger[line.level](line.text, fieldsOf(observation));
  };
}

function lineOf(observation: Observation): Line | undefined {
  switch (observation.kind) {
    case 'recorded':
      return lineOfEntry(observation.entry);
    case 'given-up':
      return { level: 'warn', text: `gave the saga up: ${observation.why}; its next owner goes on from the journal` };
    case 'left-alone':
      return {
        level: 'warn',
        text:
          `waits for its definition, version ${observation.saga.version} of ${observation.saga.name}: ${observation.why}. ` +
          "Say was: '…' on the step that was renamed, or provide the class that it began under until its sagas have ended.",
      };
    case 'store-unavailable':
      return { level: 'error', text: `could not ${observation.doing}; trying again` };
    case 'lease-lost':
      return { level: 'error', text: 'the lease of this node is over: what it ran is aborted, and other nodes go on with it' };
    case 'swept':
      return {
        level: 'log',
        text: `deleted ${observation.sagas} ended sagas after their retention, and the keys of ${observation.keys}`,
      };
    case 'event-refused':
      return {
        level: 'error',
        text: observation.partly
          ? `${observation.message} was not kept for all waits of ${observation.name}: some could not tell its key`
          : `${observation.message} was not kept for ${observation.name}: publish it again, once this is mended`,
      };
    default:
      return { level: 'error', text: `${observation.message} did not start ${observation.name}` };
  }
}

function lineOfEntry(entry: Entry): Line | undefined {
  if (!('by' in entry) || entry.by === undefined) return lineOfHappening(entry);
  const { operator, reason } = entry.by;
  return { level: 'warn', text: `${operator} ${OPERATIONS[entry.kind]}: ${reason}` };
}

/** Asked only for what is told: most of what happens is not. */
function fieldsOf(observation: Observation): Fields {
  switch (observation.kind) {
    case 'recorded':
      return { ...fieldsOfSaga(observation.saga), ...fieldsOfEntry(observation.entry) };
    case 'given-up':
      return { ...fieldsOfSaga(observation.saga), ...errorOf(observation) };
    case 'left-alone':
      return { ...fieldsOfSaga(observation.saga), ...(observation.step !== undefined && { step: observation.step }) };
    case 'lease-lost':
      return { node: observation.nodeId };
    case 'swept':
      return { sagas: observation.sagas, keys: observation.keys };
    default:
      return errorOf(observation);
  }
}

/** What an operator did, who and why apart. */
const OPERATIONS: Readonly<Record<Extract<Entry, Partial<ByOperator>>['kind'], string>> = {
  'retry-requested': 'had it tried again',
  'saga-paused': 'paused it',
  'saga-resumed': 'resumed it',
  'unwinding-began': 'takes it back',
  'step-reopened': 'opened the step again',
  'step-skipped': 'skipped the step',
  'step-resolved': 'resolved the step',
  'compensation-reopened': 'opened the compensation again',
  'compensation-skipped': 'skipped the compensation',
  'compensation-resolved': 'resolved the compensation',
};

function lineOfHappening(entry: Entry): Line | undefined {
  switch (entry.kind) {
    case 'saga-started':
      return { level: 'debug', text: 'started' };
    case 'child-chosen':
      return { level: 'debug', text: `runs ${entry.child.name} as ${entry.child.id}` };
    case 'child-recalled':
      return { level: 'warn', text: `recalls its child: ${entry.why}` };
    case 'message-received':
      return { level: 'debug', text: `received ${entry.channel} ${entry.name}` };
    case 'step-waits':
      return { level: 'debug', text: `waits for ${entry.wait.channel} ${entry.wait.name}` };
    case 'saga-completed':
      return { level: 'debug', text: 'completed' };
    case 'attempt-failed':
      return { level: 'warn', text: `attempt failed, tried again in ${entry.retryAt - entry.at}ms: ${entry.error.message}` };
    case 'attempt-deferred':
      return { level: 'debug', text: `its participant answers later, asked again in ${entry.askAt - entry.at}ms` };
    case 'attempt-interrupted':
      return { level: 'warn', text: `attempt cut short by a ${entry.why}; made again` };
    case 'step-failed':
      return { level: 'warn', text: `${entry.refused ? 'refused' : 'failed'}: ${entry.error.message}` };
    case 'step-unknown':
      return { level: 'warn', text: `outcome unknown: ${entry.error.message}` };
    case 'compensation-failed':
      return { level: 'error', text: `compensation failed: ${entry.error.message}` };
    case 'unwinding-began':
      return { level: 'warn', text: `unwinds: ${describeFailure(entry.failure)}` };
    case 'saga-compensated':
      return { level: 'warn', text: `compensated: ${describeFailure(entry.failure)}` };
    case 'saga-stuck':
      return { level: 'error', text: `stuck, waits for an operator: ${describeFailure(entry.failure)}` };
    case 'alert-raised':
      return { level: 'error', text: `needs a look: ${entry.message}` };
    default:
      return undefined;
  }
}

const fieldsOfSaga = ({ id, name, key, metadata }: SagaInstance): Fields => ({
  saga: name,
  sagaId: id,
  ...(key !== null && { key }),
  ...(Object.keys(metadata).length > 0 && { metadata: { ...metadata } }),
});

function fieldsOfEntry(entry: Entry): Fields {
  const { step, item, direction, attempt, by } = entry as Partial<Record<'step' | 'item' | 'direction' | 'attempt', unknown>> &
    Partial<ByOperator>;
  const fields = { step, item, direction, attempt, operator: by?.operator };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

const errorOf = ({ error }: { readonly error?: unknown }): Fields =>
  error === undefined ? {} : { error: error instanceof Error ? error.message : inspect(error) };
