import { createHash } from 'node:crypto';

import type { RegisteredSaga } from '../definition/registered-saga.js';
import { canonicalJson, encodePayload, PayloadFault, type StoredValue } from '../planning/payload.js';
import { SagaInputError } from './caller-errors.js';

export interface CheckedInput {
  readonly stored: StoredValue;
  readonly hash: string;
  readonly key: string | null;
}

/** Checks what a saga is to be started with; nothing is recorded before. [R5, R6] */
export async function checkInput(
  { definition, inputSchema, key }: RegisteredSaga,
  given: unknown,
  givenKey: string | undefined,
): Promise<CheckedInput> {
  const saga = definition.name;
  const input = inputSchema ? await validated(saga, inputSchema, given) : given;
  const stored = storedInput(saga, input, definition.maxPayload);
  return { stored, hash: createHash('sha256').update(canonicalJson(stored)).digest('hex'), key: givenKey ?? keyOf(saga, key, input) };
}

async function validated(saga: string, schema: NonNullable<RegisteredSaga['inputSchema']>, given: unknown): Promise<unknown> {
  const result = await schema['~standard'].validate(given);
  if (!result.issues) return result.value;
  const issues = result.issues.map(({ path = [], message }) => ({
    path: path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.'),
    message,
  }));
  throw new SagaInputError(
    `${saga} was not started, its input is refused: ${issues.map(({ path, message }) => `${path || 'input'}: ${message}`).join('; ')}`,
    issues,
    { saga },
  );
}

function storedInput(saga: string, input: unknown, maxPayload: number): StoredValue {
  try {
    return encodePayload(input, maxPayload) ?? null;
  } catch (fault) {
    if (!(fault instanceof PayloadFault)) throw fault;
    const { path, why } = fault;
    throw new SagaInputError(`${saga} was not started: input${path === '' ? '' : `.${path}`} ${why}.`, [{ path, message: why }], { saga });
  }
}

function keyOf(saga: string, key: RegisteredSaga['key'], input: unknown): string | null {
  if (key === undefined) return null;
  const made: unknown = key(input);
  if (typeof made === 'string' && made !== '' && !made.includes('\0') && made.isWellFormed()) return made;
  const message = `key(input) gave ${JSON.stringify(made) ?? String(made)}; it must be a text that is not empty`;
  throw new SagaInputError(`${saga} was not started: ${message}.`, [{ path: 'key', message }], { saga });
}
