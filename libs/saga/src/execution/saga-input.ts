import type { RegisteredSaga } from '../definition/registered-saga.js';
import { shortHash } from '../definition/short-hash.js';
import { canonicalJson, encodePayload, PayloadFault, type StoredValue } from '../planning/payload.js';
import { SagaInputError } from './caller-errors.js';

export interface CheckedInput {
  readonly stored: StoredValue;
  readonly hash: string | null;
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
  const ownKey = givenKey === undefined ? keyOf(saga, key, input) : checkedKey(saga, givenKey, 'start({ key })');
  return { stored, key: ownKey, hash: inputHashOf({ key: ownKey, input: stored }) };
}

/** Equal for equal inputs, whatever the order of their keys; null: without a key no second start is compared with the first. */
export const inputHashOf = ({ key, input }: { readonly key: string | null; readonly input: StoredValue }): string | null =>
  key === null ? null : shortHash(canonicalJson(input));

/** A copy: what the caller changes later changes nothing. */
export function checkMetadata(saga: string, metadata: unknown = {}): Readonly<Record<string, string>> {
  const stored = { ...(metadata as Record<string, unknown>) };
  for (const [name, value] of Object.entries(stored)) {
    if (isStorableText(name) && typeof value === 'string' && isStorableText(value)) continue;
    const message = `is ${describe(value)}; metadata takes texts without U+0000 and lone surrogates`;
    throw new SagaInputError(`${saga} was not started: metadata.${name} ${message}.`, [{ path: `metadata.${name}`, message }], { saga });
  }
  return stored as Record<string, string>;
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
  return checkedKey(saga, key(input), 'key(input)');
}

function checkedKey(saga: string, key: unknown, source: string): string {
  try {
    return requireKey(key, source);
  } catch (error) {
    const { message } = error as RangeError;
    throw new SagaInputError(`${saga} was not started: ${message}.`, [{ path: 'key', message }], { saga });
  }
}

/** @throws RangeError where it is no business key */
export function requireKey(key: unknown, source: string): string {
  if (typeof key === 'string' && key !== '' && isStorableText(key) && Buffer.byteLength(key) <= LONGEST_KEY_BYTES) return key;
  throw new RangeError(
    `${source} gave ${describe(key)}; it must be a text of 1 to ${LONGEST_KEY_BYTES} bytes, without U+0000 and lone surrogates`,
  );
}

/** With the saga's name it must fit into an entry of a PostgreSQL index, of about 2,700 bytes. */
const LONGEST_KEY_BYTES = 1_000;

/** PostgreSQL stores no other. */
export const isStorableText = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

function describe(value: unknown): string {
  if (typeof value === 'string') return value.length > 100 ? `a text of ${value.length} characters` : JSON.stringify(value);
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
