import fc from 'fast-check';

import { readMermaid } from '../../../../test/support/read-mermaid.js';
import { AwaitEvent } from '../definition/await-event.decorator.js';
import { AwaitSignal } from '../definition/await-signal.decorator.js';
import { Compensate } from '../definition/compensate.decorator.js';
import { SagaContext } from '../definition/saga-context.js';
import { SagaDefinition } from '../definition/saga-definition.decorator.js';
import { SagaNotRegisteredError } from '../definition/saga-registry.js';
import { SagaStep } from '../definition/saga-step.decorator.js';
import type { SagaView, StepView } from '../planning/view.js';
import { toMermaid } from './to-mermaid.js';

class OrderDelivered {
  orderId = '';
}

@SagaDefinition({ name: 'every-kind', version: 2 })
class EveryKindSaga {
  @SagaStep({ after: [] })
  end() {}

  @Compensate('end')
  undoEnd() {}

  @SagaStep({ after: 'end', each: () => [1, 2], concurrency: 4, onRejected: 'continue' })
  $items(_: SagaContext<unknown, unknown, number>): undefined {}

  @SagaStep({ after: 'end', kind: 'readonly', when: () => true, delay: '1h' })
  überprüfen(): undefined {}

  @AwaitSignal('approval', { after: ['$items', 'überprüfen'], timeout: '2d' })
  approved() {}

  @SagaStep({ kind: 'pivot' })
  capture() {}

  @SagaStep({ kind: 'child' })
  ship() {}

  @AwaitEvent(OrderDelivered, { key: ({ orderId }) => orderId, timeout: 5000, onTimeout: 'continue' })
  delivered(): undefined {}
}

describe('a definition draws itself', () => {
  it('in a text that people can read too', () => {
    expect(toMermaid(EveryKindSaga)).toBe(`---
title: "every-kind, version 2"
---
flowchart TD
  s1["end"]
  s2[/"#36;items<br>for each item, 4 at a time<br>goes on when refused"/]
  s3["überprüfen<br>readonly<br>only on a condition<br>begins 1h later"]
  s4(["approved<br>readonly<br>waits for signal approval, at most 2d"])
  s5{{"capture<br>pivot"}}
  s6[["ship<br>child saga"]]
  s7(["delivered<br>retriable<br>waits for event OrderDelivered, at most 5000ms, then goes on"])
  s1 --> s2
  s1 --> s3
  s2 --> s4
  s3 --> s4
  s4 --> s5
  s5 --> s6
  s6 --> s7
  s1 -. undone by .-> u1("undoEnd")
  classDef conditional stroke-dasharray:6 4
  class s3 conditional
  classDef pivot stroke-width:4px
  class s5 pivot
  classDef undo fill:#f6f8fa,stroke:#8c959f,color:#24292f
  class u1 undo`);
  });

  it('in a text that Mermaid reads as it is meant', async () => {
    const { title, boxes, edges } = await readMermaid(toMermaid(EveryKindSaga));
    expect(title).toBe('every-kind, version 2');
    expect(boxes).toMatchObject({
      s1: { label: 'end', shape: 'square' },
      s2: { label: '$items<br>for each item, 4 at a time<br>goes on when refused', shape: 'lean_right' },
      s3: { shape: 'square', classes: ['conditional'] },
      s4: { shape: 'stadium' },
      s5: { shape: 'hexagon', classes: ['pivot'] },
      s6: { shape: 'subroutine' },
      u1: { label: 'undoEnd', shape: 'round', classes: ['undo'] },
    });
    expect(edges).toEqual(['s1 --> s2', 's1 --> s3', 's2 --> s4', 's3 --> s4', 's4 --> s5', 's5 --> s6', 's6 --> s7', 's1 -.-> u1']);
  });

  it('with its faults: a cycle, a step that is not there, two pivots', async () => {
    const MISSING_AND_SELF: readonly never[] = ['first', 'missing', 'second'] as never[];
    @SagaDefinition({ name: 'faulty' })
    class FaultySaga {
      @SagaStep({ after: 'second' as never, kind: 'pivot' })
      first() {}

      @SagaStep({ after: MISSING_AND_SELF, kind: 'pivot' })
      second() {}
    }
    const { boxes, edges } = await readMermaid(toMermaid(FaultySaga));
    expect(boxes).toMatchObject({ s1: { label: 'first<br>pivot' }, x1: { label: 'missing<br>no such step', classes: ['fault'] } });
    expect(edges).toEqual(['s2 --> s1', 's1 --> s2', 'x1 --> s2', 's2 --> s2']);
  });

  it('without steps', async () => {
    @SagaDefinition({ name: 'empty' })
    class EmptySaga {}
    expect(Object.values((await readMermaid(toMermaid(EmptySaga))).boxes)).toEqual([{ label: 'no steps', shape: 'square', classes: [] }]);
  });

  it('or says that the class is none', () => {
    class PlainClass {}
    expect(() => toMermaid(PlainClass)).toThrow(SagaNotRegisteredError);
    expect(() => toMermaid(PlainClass)).toThrow('PlainClass has no @SagaDefinition({ name }).');
  });
});

const NEW_STEP: StepView = { step: 'a', status: 'pending', attempts: 0, compensation: null, startedAt: null, endedAt: null };

const viewWith = (view: Partial<SagaView>): SagaView => ({
  id: 'id',
  name: 'trip',
  version: 1,
  key: null,
  status: 'running',
  paused: false,
  input: null,
  metadata: {},
  failure: null,
  waitingFor: null,
  steps: [],
  startedAt: new Date(0),
  endedAt: null,
  ...view,
});

describe('a saga draws itself', () => {
  it('in one line, where nobody knows what depends on what', async () => {
    const steps: StepView[] = ['a', 'b', 'c'].map((step) => ({ ...NEW_STEP, step }));
    const { edges } = await readMermaid(toMermaid(viewWith({ steps })));
    expect(edges).toEqual(['s1 --> s2', 's2 --> s3']);
  });

  it('says whom it waits for, and that it is paused', async () => {
    const until = new Date('2030-01-01T00:00:00Z');
    const view = viewWith({ key: 'k-1', paused: true, waitingFor: { kind: 'signal', name: 'approval', until } });
    expect((await readMermaid(toMermaid(view))).title).toBe(
      'trip, k-1: running, paused (waits for signal approval until 2030-01-01T00:00:00.000Z)',
    );
  });

  it.each([
    'said "no" [once], {twice} (thrice) | <b id="x">&lt; \\ `code` *bold* __x__ $$x$$ %%{init: {"theme":"dark"}}%%',
    'style:#quot; ; classDef x fill:#f00; end',
    '1. ---\n%% two\r\nlines\u2028three',
    'snake_case: 雪 🙂 é \u0000\u007f\ufffe',
    '\ud800 alone',
    'a $$formula$$ and $$$',
  ])('whatever an error says: %j', async (message) => {
    const seen = message
      .replaceAll(/[\s\p{Cc}\p{Cs}\ufffe]+/gu, ' ')
      .replaceAll(/\$(?=\$)/g, '$\u2060')
      .trim();
    const failure = { step: 'a', kind: 'failed', message } as const;
    const { title, boxes, edges } = await readMermaid(
      toMermaid(viewWith({ key: message, failure, steps: [{ ...NEW_STEP, error: { message } }] })),
    );
    expect(title).toContain('trip, ');
    expect(boxes).toMatchObject({ s1: { label: `a<br>pending<br>${seen}` }, note: { label: `a failed<br>${seen}` } });
    expect(edges).toEqual(['s1 -.-> note']);
  });

  it('whatever a text is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 40 }), async (message) => {
        const { boxes } = await readMermaid(
          toMermaid(viewWith({ key: message, steps: [{ ...NEW_STEP, step: message, error: { message } }] })),
        );
        expect(Object.keys(boxes)).toEqual(['s1']);
      }),
      { numRuns: 100 },
    );
  });

  it('cuts a long text', async () => {
    const steps = [{ ...NEW_STEP, error: { message: 'x'.repeat(5000) } }];
    expect((await readMermaid(toMermaid(viewWith({ steps })))).boxes['s1']?.label).toBe(`a<br>pending<br>${'x'.repeat(119)}…`);
  });
});
