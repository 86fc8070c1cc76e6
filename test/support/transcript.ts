import type { JournalEntry, SagaFailure } from 'nestjs-sagas';

/** What `SagaHandle.journal()` tells, as a story: one line an entry, without times. */
export const transcriptOf = (journal: readonly JournalEntry[]): readonly string[] => journal.map(lineOf);

interface Told {
  readonly wait?: { readonly channel: string; readonly name: string };
  readonly child?: { readonly name: string };
  readonly channel?: string;
  readonly name?: string;
  readonly payload?: unknown;
  readonly reason?: string;
  readonly why?: string;
  readonly message?: string;
  readonly effect?: string;
  readonly refused?: boolean;
  readonly passed?: boolean;
  readonly timedOut?: boolean;
  readonly items?: readonly unknown[];
  readonly round?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
  readonly failure?: SagaFailure;
}

const LINES: Readonly<Record<string, (entry: JournalEntry, told: Told) => string>> = {
  'saga-started': () => 'the saga starts',
  'saga-completed': () => 'the saga is completed',
  'saga-compensated': (_, { failure }) => `the saga is compensated${leftOf(failure)}`,
  'saga-stuck': (_, { failure }) => `the saga is stuck${leftOf(failure)}`,
  'unwinding-began': (_, { failure }) => `unwinding begins: ${reasonOf(failure)}`,
  'cancel-requested': (_, { reason }) => `cancel: ${reason}`,
  'definition-changed': () => 'its definition is another now',
  'alert-raised': (entry, { message }) => `alert${entry.step === undefined ? '' : ` for ${nodeOf(entry)}`}: ${message}`,
  'reply-ignored': (entry, { why }) => `a reply to ${attemptOf(entry)} is ignored: ${why}`,
  'step-fanned-out': (entry, { items }) => `${nodeOf(entry)} fans out: ${JSON.stringify(items)}`,
  'step-delayed': (entry) => `${nodeOf(entry)} waits`,
  'step-waits': (entry, { wait }) => `${nodeOf(entry)} waits for ${wait?.channel} ${wait?.name}`,
  'message-received': (_, { channel, name, payload }) =>
    channel === 'child'
      ? `a child ended: ${(payload as { status: string }).status}`
      : `${channel} ${name} comes${payload === undefined ? '' : `: ${JSON.stringify(payload)}`}`,
  'child-chosen': (entry, { child }) => `${nodeOf(entry)} runs ${child?.name}`,
  'child-started': (entry) => `the child of ${nodeOf(entry)} is there`,
  'child-recalled': (entry, { why }) => `the child of ${nodeOf(entry)} is recalled: ${why}`,
  'child-undoing': (entry) => `the child of ${nodeOf(entry)} unwinds`,
  'step-skipped': (entry, { why }) => `${nodeOf(entry)} is skipped: ${why}`,
  'attempt-started': (entry) => `${attemptOf(entry)} starts`,
  'attempt-failed': (entry, { error }) => `${attemptOf(entry)} fails: ${error?.message}`,
  'attempt-deferred': (entry) => `${attemptOf(entry)} is answered later`,
  'attempt-interrupted': (entry, { why }) => `${attemptOf(entry)} is cut short by a ${why}`,
  'step-succeeded': (entry, { result }) => `${nodeOf(entry)} succeeded${result === undefined ? '' : `: ${JSON.stringify(result)}`}`,
  'step-failed': (entry, { refused, passed, error }) =>
    `${nodeOf(entry)} ${refused ? 'is refused' : 'failed'}: ${error?.message}${passed ? ', and the saga goes on' : ''}`,
  'step-unknown': (entry, { timedOut, error }) => `${nodeOf(entry)} is unknown${timedOut ? ' (timed out)' : ''}: ${error?.message}`,
  'compensation-succeeded': (entry) => `undo ${nodeOf(entry)} succeeded`,
  'compensation-failed': (entry, { error }) => `undo ${nodeOf(entry)} failed: ${error?.message}`,
  'compensation-skipped': (entry, { why }) => `undo ${nodeOf(entry)} is skipped: ${why}`,
  'retry-requested': (entry) => `${operatorOf(entry)} wants it tried again`,
  'saga-paused': (entry) => `${operatorOf(entry)} pauses the saga`,
  'saga-resumed': (entry) => `${operatorOf(entry)} resumes the saga`,
  'step-reopened': (entry, { round }) => `${nodeOf(entry)} is open again, round ${round}`,
  'step-resolved': (entry, { result }) =>
    `${operatorOf(entry)} resolves ${nodeOf(entry)}${result === undefined ? '' : `: ${JSON.stringify(result)}`}`,
  'compensation-reopened': (entry, { round }) => `undo ${nodeOf(entry)} is open again, round ${round}`,
  'compensation-resolved': (entry) => `${operatorOf(entry)} resolves undo ${nodeOf(entry)}`,
};

function lineOf(entry: JournalEntry): string {
  const line = LINES[entry.kind];
  if (line === undefined) throw new Error(`transcript.ts has no line for ${entry.kind}; write one`);
  return line(entry, entry.details ?? {});
}

const operatorOf = ({ by }: JournalEntry): string => `${by?.operator} (${by?.reason})`;

const nodeOf = ({ step, item }: Pick<JournalEntry, 'step' | 'item'>): string => (item === undefined ? `${step}` : `${step}[${item}]`);

const attemptOf = (entry: JournalEntry): string =>
  `${entry.direction === 'compensation' ? 'undo ' : ''}${nodeOf(entry)}${entry.attempt === 1 ? '' : `#${entry.attempt}`}`;

const reasonOf = (failure: SagaFailure | undefined): string =>
  failure === undefined ? 'no reason' : `${failure.step === undefined ? '' : `${failure.step} `}${failure.kind} (${failure.message})`;

const leftOf = (failure: SagaFailure | undefined): string =>
  failure?.left === undefined ? '' : `; left: ${failure.left.map((one) => `${nodeOf(one)} (${one.why})`).join(', ')}`;
