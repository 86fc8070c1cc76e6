import type { CompensationView, SagaView, StepView } from '../planning/view.js';
import type { DrawnBox, DrawnStep, Drawing, Shape } from './flowchart.js';

/** How a step, an item or a compensation stands. */
type End = Pick<StepView, 'status' | 'attempts' | 'error'> | CompensationView;

/** One saga, as far as it has come. */
export function sagaDrawing(view: SagaView): Drawing {
  const { failure, emptied } = view;
  return {
    title: titleOf(view),
    steps: view.steps.map((step, index) => drawnStep(step, view.steps[index - 1])),
    ...(failure && { note: { ...failureBox(failure), from: failure.step } }),
    ...(emptied && { note: { lines: ['its journal and results were deleted after its retention'], styles: ['note'], from: undefined } }),
  };
}

function titleOf({ name, version, key, status, paused, waitingFor }: SagaView): string {
  const saga = `${name}${version === 1 ? '' : `, version ${version}`}${key === null ? '' : `, ${key}`}`;
  const wait =
    waitingFor &&
    ` (waits for ${waitingFor.kind}${waitingFor.name === undefined ? '' : ` ${waitingFor.name}`}${untilText(waitingFor.until)})`;
  return `${saga}: ${status}${paused ? ', paused' : ''}${wait ?? ''}`;
}

const untilText = (until: Date | undefined): string => (until === undefined ? '' : ` until ${until.toISOString()}`);

/** Where the view does not say what a step depends on, it stands after the one before it. */
function drawnStep(view: StepView, before: StepView | undefined): DrawnStep {
  const { step, status, items } = view;
  return {
    name: step,
    lines: [...(view.kind === 'pivot' ? ['pivot'] : []), ...outcomeLines(items ?? [view])],
    shape: shapeOf(view),
    styles: view.kind === 'pivot' ? ['pivot', status] : [status],
    after: view.after ?? (before === undefined ? [] : [before.step]),
    undo: undoBox(view),
  };
}

function shapeOf({ kind, items, status }: StepView): Shape {
  if (kind === 'pivot' || kind === 'child') return kind;
  if (status === 'waiting') return 'wait';
  return items === undefined ? 'step' : 'items';
}

/** One by itself; many summed up: `2 of 3 succeeded, 1 of 3 unknown`, and the first error. Attempts are told where there was more than one try. */
function outcomeLines(ends: readonly End[]): readonly string[] {
  if (ends.length === 0) return ['no items'];
  const statuses = ends.map(({ status }) => status);
  const count = (status: string): string => `${statuses.filter((one) => one === status).length} of ${statuses.length} ${status}`;
  const summed = ends.length === 1 ? statuses : [...new Set(statuses)].map(count);
  const attempts = ends.reduce((sum, end) => sum + end.attempts, 0);
  const error = ends.find((end) => end.error !== undefined)?.error;
  return [
    [...summed, ...(attempts > ends.length ? [`${attempts} attempts`] : [])].join(', '),
    ...(error === undefined ? [] : [errorText(error)]),
  ];
}

function undoBox({ compensation, items = [] }: StepView): DrawnBox | null {
  const owed = compensation === null ? items.flatMap((item) => item.compensation ?? []) : [compensation];
  const worst = WORST_FIRST.find((status) => owed.some((one) => one.status === status));
  return worst === undefined ? null : { lines: outcomeLines(owed), styles: [worst] };
}

const WORST_FIRST: readonly CompensationView['status'][] = ['failed', 'started', 'pending', 'skipped', 'resolved', 'compensated'];

const errorText = ({ code, message }: { readonly code?: string; readonly message: string }): string =>
  code === undefined || code === message ? message : `${code}: ${message}`;

function failureBox({ step, kind, left = [], ...why }: NonNullable<SagaView['failure']>): DrawnBox {
  const not = left.map(
    ({ step: name, item, why: because }) => `not undone: ${name}${item === undefined ? '' : ` item ${item}`} (${because})`,
  );
  return { lines: [`${step === undefined ? '' : `${step} `}${kind}`, errorText(why), ...not], styles: ['note'] };
}
