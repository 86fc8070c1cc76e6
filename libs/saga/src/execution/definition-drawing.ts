import type { SagaMetadata } from '../definition/saga-metadata.accessor.js';
import type { CompensationMetadata, StepMetadata } from '../definition/saga-metadata.js';
import type { StepOptions } from '../definition/saga-step.decorator.js';
import { makeStepGraph, type StepNode, waits } from '../definition/step-graph.js';
import type { Duration } from '../planning/durations.js';
import type { DrawnStep, Drawing, Shape, Style } from './flowchart.js';

/** What a class says of its sagas. One that the boot would refuse is drawn as it is written: the picture may show why. */
export function definitionDrawing({ options, steps, compensations }: SagaMetadata): Drawing {
  const { name, version = 1 } = options;
  return {
    title: version === 1 ? name : `${name}, version ${version}`,
    steps: makeStepGraph(steps).steps.map((node) => drawnStep(node, compensations)),
  };
}

function drawnStep({ name, metadata, kind, after }: StepNode, compensations: readonly CompensationMetadata[]): DrawnStep {
  const undo = compensations.find(({ step }) => step === name);
  const styles: Style[] = [];
  if (kind === 'pivot') styles.push('pivot');
  if (metadata.options.when !== undefined) styles.push('conditional');
  return {
    name,
    lines: [...kindLines(kind), ...optionLines(metadata)],
    shape: shapeOf(metadata, kind),
    styles,
    after,
    undo: undo === undefined ? null : { lines: [undo.method], styles: ['undo'] },
  };
}

function shapeOf(metadata: StepMetadata, kind: StepNode['kind']): Shape {
  if (kind === 'pivot' || kind === 'child') return kind;
  if (waits(metadata)) return 'wait';
  return eachOf(metadata) === undefined ? 'step' : 'items';
}

/** What compensates says so by its compensation. */
function kindLines(kind: StepNode['kind']): readonly string[] {
  if (kind === 'child') return ['child saga'];
  return kind === undefined || kind === 'compensatable' ? [] : [kind];
}

function optionLines(metadata: StepMetadata): readonly string[] {
  const { when, delay } = metadata.options;
  const { concurrency, onRejected }: StepOptions = metadata.via === 'call' ? metadata.options : {};
  return [
    ...(when === undefined ? [] : ['only on a condition']),
    ...(delay === undefined ? [] : [`begins ${durationText(delay)} later`]),
    ...(waits(metadata) ? [waitText(metadata)] : []),
    ...(eachOf(metadata) === undefined ? [] : [`for each item${concurrency === undefined ? '' : `, ${concurrency} at a time`}`]),
    ...(onRejected === 'continue' ? ['goes on when refused'] : []),
  ];
}

function waitText(metadata: StepMetadata): string {
  if (metadata.via === 'call') return '';
  const { timeout, onTimeout } = metadata.options;
  const what = metadata.via === 'event' ? `event ${metadata.event.name}` : `signal ${metadata.signal}`;
  const limit = timeout === undefined ? '' : `, at most ${durationText(timeout)}${onTimeout === 'continue' ? ', then goes on' : ''}`;
  return `waits for ${what}${limit}`;
}

const eachOf = ({ options }: StepMetadata): unknown => (options as StepOptions).each;

const durationText = (duration: Duration): string => (typeof duration === 'number' ? `${duration}ms` : duration);
