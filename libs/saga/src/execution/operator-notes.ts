import type { OperatorNote } from '../planning/operator-note.js';
import { isStorableText } from './saga-input.js';

/** Characters. */
export const LONGEST_REASON = 1_000;

export const isReason = (text: unknown): text is string =>
  typeof text === 'string' && text !== '' && text.length <= LONGEST_REASON && isStorableText(text);

/** Who and why, and nothing else of what was given. [R5] @throws RangeError */
export function noteOf(command: string, note: OperatorNote): Readonly<OperatorNote> {
  const { operator, reason } = (note ?? {}) as Partial<OperatorNote>;
  const wrong = Object.entries({ operator, reason }).find(([, text]) => !isReason(text));
  if (wrong === undefined) return { operator, reason } as OperatorNote;
  throw new RangeError(
    `${command}({ operator, reason }) takes who and why, each a text of 1 to ${LONGEST_REASON} characters, without U+0000 and lone surrogates; ${wrong[0]} is none. Nothing was changed.`,
  );
}
