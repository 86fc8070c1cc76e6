import type { ChildEnd } from './children.js';
import type { LeftCompensation, SagaFailure } from './failure.js';
import type { AttemptRef, Entry, NodeRef } from './journal.js';
import type { ByOperator } from './operator-note.js';

/** A journal as a story: one line an entry, and one where the clock has moved. */
export function transcriptOf(journal: readonly Entry[], startsAt = 0): string {
  let at = startsAt;
  const lines: string[] = [];
  for (const entry of journal) {
    if (entry.at !== at) lines.push(`-- at ${entry.at}`);
    at = entry.at;
    lines.push(lineOf(entry));
  }
  return lines.join('\n');
}

/** Text without the indentation of the source that it stands in. */
export function story(strings: TemplateStringsArray, ...values: readonly unknown[]): string {
  const lines = String.raw({ raw: strings }, ...values).split('\n');
  const indents = lines.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length);
  const indent = Math.min(...indents);
  return lines
    .map((line) => line.slice(indent).trimEnd())
    .join('\n')
    .trim();
}

function lineOf(entry: Entry): string {
  switch (entry.kind) {
    case 'saga-started':
      return 'the saga starts';
    case 'saga-completed':
      return 'the saga is completed';
    case 'saga-compensated':
      return `the saga is compensated: ${failureText(entry.failure)}`;
    case 'saga-stuck':
      return `the saga is stuck: ${failureText(entry.failure)}`;
    case 'unwinding-began':
      return `unwinding begins: ${failureText(entry.failure)}`;
    case 'message-received':
      return `${entry.channel} ${entry.name} comes as ${entry.sequence}${wordsOf(entry)}`;
    case 'retry-requested':
      return `${byLine(entry)} wants it tried again`;
    case 'saga-paused':
      return `${byLine(entry)} pauses the saga`;
    case 'saga-resumed':
      return `${byLine(entry)} resumes the saga`;
    case 'cancel-requested':
      return `cancel: ${entry.reason}`;
    case 'definition-changed':
      return `its definition is another now: ${entry.hash}`;
    case 'alert-raised':
      return `alert${entry.step === undefined ? '' : ` for ${nameOf({ ...entry, step: entry.step })}`}: ${entry.message}`;
    case 'reply-ignored':
      return `a reply to ${attemptName(entry)} is ignored: ${entry.why}`;
    default:
      return stepLine(entry);
  }
}

function stepLine(entry: Extract<Entry, NodeRef>): string {
  switch (entry.kind) {
    case 'step-fanned-out':
      return `${entry.step} fans out: ${JSON.stringify(entry.items)}`;
    case 'step-delayed':
      return `${nameOf(entry)} waits until ${entry.dueAt}`;
    case 'step-waits':
      return `${nameOf(entry)} waits for ${entry.wait.channel} ${entry.wait.name}${entry.wait.until === null ? '' : ` until ${entry.wait.until}`}`;
    case 'step-skipped':
      return `${nameOf(entry)} is skipped: ${entry.why}`;
    case 'child-chosen':
      return `${nameOf(entry)} runs ${entry.child.name}`;
    case 'child-started':
      return `the child of ${nameOf(entry)} is there${entry.until === undefined ? '' : `, until ${entry.until}`}`;
    case 'child-recalled':
      return `the child of ${nameOf(entry)} is recalled: ${entry.why}`;
    case 'child-undoing':
      return `the child of ${nameOf(entry)} unwinds`;
    case 'attempt-started':
      return `${attemptName(entry)} starts${entry.message === undefined ? '' : ` with message ${entry.message}`}`;
    case 'attempt-failed':
      return `${attemptName(entry)} fails (effect ${entry.effect}): ${entry.error.message}; again at ${entry.retryAt}`;
    case 'attempt-deferred':
      return `${attemptName(entry)} is answered later; asked again at ${entry.askAt}`;
    case 'attempt-interrupted':
      return `${attemptName(entry)} is cut short by a ${entry.why} (effect ${entry.effect})${quiet(entry.quietUntil)}`;
    case 'step-succeeded':
      return `${nameOf(entry)} succeeded${entry.result === undefined ? '' : `: ${JSON.stringify(entry.result)}`}`;
    case 'step-failed':
      return `${nameOf(entry)} ${entry.refused ? 'is refused' : 'failed'}: ${entry.error.message}${entry.passed ? ', and the saga goes on' : ''}`;
    case 'step-unknown':
      return `${nameOf(entry)} is unknown${entry.timedOut ? ' (timed out)' : ''}: ${entry.error.message}${quiet(entry.quietUntil)}`;
    case 'compensation-succeeded':
      return `undo ${nameOf(entry)} succeeded`;
    case 'compensation-failed':
      return `undo ${nameOf(entry)} failed: ${entry.error.message}`;
    case 'compensation-skipped':
      return `undo ${nameOf(entry)} is skipped: ${entry.why}`;
    case 'step-reopened':
      return `${nameOf(entry)} is open again, round ${entry.round}`;
    case 'compensation-reopened':
      return `undo ${nameOf(entry)} is open again, round ${entry.round}`;
    case 'step-resolved':
      return `${byLine(entry)} resolves ${nameOf(entry)}${entry.result === undefined ? '' : `: ${JSON.stringify(entry.result)}`}`;
    case 'compensation-resolved':
      return `${byLine(entry)} resolves undo ${nameOf(entry)}`;
    default:
      throw new Error(`transcript.fixture.ts has no line for ${entry.kind}; write one`);
  }
}

const wordsOf = ({ channel, payload }: Extract<Entry, { kind: 'message-received' }>): string => {
  if (payload === undefined) return '';
  return `: ${channel === 'child' ? (payload as unknown as ChildEnd).status : JSON.stringify(payload)}`;
};

const byLine = ({ by }: ByOperator): string => `${by.operator} (${by.reason})`;

export const nameOf = ({ step, item }: NodeRef): string => (item === undefined ? step : `${step}[${item}]`);

const attemptName = (entry: AttemptRef): string =>
  `${entry.direction === 'compensation' ? 'undo ' : ''}${nameOf(entry)}${entry.attempt === 1 ? '' : `#${entry.attempt}`}`;

const quiet = (until: number | undefined): string => (until === undefined ? '' : `, quiet until ${until}`);

const failureText = ({ step, kind, code, message, left }: SagaFailure): string =>
  `${step === undefined ? '' : `${step} `}${kind}${code === undefined ? '' : ` ${code}`} (${message})${left === undefined ? '' : `; left: ${left.map(leftText).join(', ')}`}`;

const leftText = (left: LeftCompensation): string => `${nameOf(left)} (${left.why})`;
