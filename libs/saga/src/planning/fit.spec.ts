import type { DraftStep } from './definition.fixture.js';
import { type Fit, fitOf, strangerIn } from './fit.js';
import { fold } from './fold.js';
import { begin, pivot, readonly, sagaOf, type Scenario, step, story } from './scenario.fixture.js';

/** The graph that the sagas of these tests began under: one after another. */
const BEFORE = sagaOf(step('reserve'), step('charge'), step('ship'));

const fits = (saga: Scenario, ...steps: readonly DraftStep[]): Fit => fitOf(saga.state, BEFORE.steps, sagaOf(...steps));
const renamed = (fit: Fit) => (fit.kind === 'fits' ? Object.fromEntries(fit.renamed) : fit.why);

const charging = () => begin(BEFORE).returns('reserve', 'r-1');

describe('whether a saga that began under one graph goes on under another', () => {
  it('R23: all that has not begun may change', () => {
    const other = [step('reserve'), step('charge'), pivot('collect', { after: ['charge'] }), readonly('tell')];
    expect(fits(charging(), ...other)).toEqual({ kind: 'fits', renamed: new Map() });
    expect(fits(begin(BEFORE), readonly('anything'))).toMatchObject({ kind: 'unfit' });
    const started = fold([{ kind: 'saga-started', sequence: 1, at: 0 }]);
    expect(fitOf(started, BEFORE.steps, sagaOf(readonly('anything')))).toEqual({ kind: 'fits', renamed: new Map() });
  });

  it('R23: a step that has begun is found by a name that it had', () => {
    expect(renamed(fits(charging(), step('hold', { was: ['book', 'reserve'] }), step('charge')))).toEqual({ reserve: 'hold' });
    expect(renamed(fits(charging(), step('hold', { was: ['reserve'] }), step('pay', { was: ['charge'] }), step('ship')))).toEqual({
      reserve: 'hold',
      charge: 'pay',
    });
  });

  it('R23: a step that has begun and is not found keeps the saga from going on', () => {
    expect(fits(charging(), step('hold'), step('charge'))).toEqual({
      kind: 'unfit',
      step: 'reserve',
      why: 'reserve has begun, and no step is called that here, or was',
    });
  });

  it('R14, R23: a step that was skipped when the saga turned round keeps its name, too', () => {
    const saga = charging().cancel();
    expect(saga.node('ship').status).toBe('skipped');
    const steps = [step('reserve'), step('charge'), step('send', { was: ['ship'] })];
    expect(renamed(fits(saga, ...steps))).toEqual({ ship: 'send' });
    // Where it is not found, nothing depends on it any more.
    expect(renamed(fits(saga, step('reserve'), step('charge')))).toEqual({});
  });

  it('R23: two steps that have begun are not one', () => {
    const merged = fits(charging(), step('pay', { was: ['reserve', 'charge'] }));
    expect(merged).toMatchObject({ kind: 'unfit', step: 'charge', why: 'charge and reserve have begun, and both would be pay here' });
  });

  it('R23, R31: a step that runs a child is a child step still: nobody else would recall the child, or undo it', () => {
    const child = { timeoutMs: null };
    const choice = { id: 'c', name: 'parcel', version: 1, key: null, input: {}, hash: 'hash', timeoutMs: null };
    const before = sagaOf(step('ship', { kind: 'child', child }));
    const saga = begin(before).ends('ship', { kind: 'chose-child', child: choice }).ends('ship', { kind: 'left-to-child' });
    expect(fitOf(saga.state, before.steps, sagaOf(step('ship')))).toEqual({
      kind: 'unfit',
      step: 'ship',
      why: 'ship runs a child, and is no child step here',
    });
    expect(fitOf(saga.state, before.steps, sagaOf(step('send', { kind: 'child', child, was: ['ship'] })))).toMatchObject({ kind: 'fits' });
  });

  it('R23: what has begun depends on the same steps as before', () => {
    const apart = fits(charging(), step('reserve'), step('charge', { after: [] }));
    expect(apart).toMatchObject({ step: 'charge', why: 'charge began after reserve, and comes after nothing here' });
    const turned = fits(charging(), step('charge', { after: [] }), step('reserve', { after: ['charge'] }));
    expect(turned).toMatchObject({ step: 'reserve', why: 'reserve began after nothing, and comes after charge here' });
  });

  it('R23: the order of the methods makes no difference, nor do renamed dependencies', () => {
    const other = [step('charge', { after: ['hold'] }), step('hold', { after: [], was: ['reserve'] })];
    expect(renamed(fits(charging(), ...other))).toEqual({ reserve: 'hold' });
  });

  it('R23: a new step may stand between two that have begun', () => {
    expect(renamed(fits(charging(), step('reserve'), step('check'), step('charge')))).toEqual({});
  });

  it('R23: unwinding needs only what has begun', () => {
    const saga = charging().refuses('charge');
    expect(saga.told()).toContain('ship is skipped: the saga unwinds');
    expect(renamed(fits(saga, step('reserve'), step('charge')))).toEqual({});
    expect(fits(saga, step('charge'), step('ship'))).toMatchObject({ kind: 'unfit', step: 'reserve' });
  });

  it('R23: a step that was skipped going forward has begun: its condition is asked once', () => {
    const saga = begin(sagaOf(step('reserve', { when: () => false }), step('charge'), step('ship')));
    expect(fits(saga, step('charge', { after: [] }), step('ship'))).toMatchObject({ kind: 'unfit', step: 'reserve' });
  });

  it('R4: a step that its own graph does not have was written by somebody else', () => {
    expect(strangerIn(charging().state, BEFORE.steps)).toBeUndefined();
    expect(strangerIn(charging().state, sagaOf(step('reserve')).steps)).toBe('charge');
  });
});

describe('a saga that goes on under another graph', () => {
  it('R23: says so before it begins what is new', () => {
    const saga = begin(sagaOf(step('reserve'), step('charge')))
      .returns('reserve', 'r-1')
      .skip();
    saga.crashInto({ ...sagaOf(step('reserve'), step('check'), step('charge')), hash: 'another' });
    expect(saga.returns('check').returns('charge').told()).toBe(story`
      its definition is another now: another
      charge is cut short by a crash (effect possible)
      check starts
      charge#2 starts
      check succeeded
      charge succeeded
      the saga is completed
    `);
    expect(saga.state.hash).toBe('another');
  });

  it('R23: unwinds what has begun, and nothing else', () => {
    const saga = charging().returns('charge').skip();
    saga.crashInto({ ...sagaOf(step('reserve'), step('charge'), step('post')), hash: 'another' }).refuses('post');
    expect(saga.returns('undo charge').returns('undo reserve').told()).toBe(story`
      its definition is another now: another
      post starts
      post is refused: no
      unwinding begins: post rejected NO (no)
      undo charge starts
      undo charge succeeded
      undo reserve starts
      undo reserve succeeded
      the saga is compensated: post rejected NO (no)
    `);
  });
});
