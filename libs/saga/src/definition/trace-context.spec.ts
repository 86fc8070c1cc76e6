import { traceContextOf } from './trace-context.js';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('the trace context of a saga', () => {
  it('is what its metadata have under the names of the headers', () => {
    expect(traceContextOf({ tenant: 't-1', traceparent: TRACEPARENT, tracestate: 'rojo=1' })).toEqual({
      traceparent: TRACEPARENT,
      tracestate: 'rojo=1',
    });
    expect(traceContextOf({ traceparent: TRACEPARENT })).toEqual({ traceparent: TRACEPARENT });
    expect(traceContextOf({ traceparent: `cc-${TRACEPARENT.slice(3)}-later` })).toEqual({
      traceparent: `cc-${TRACEPARENT.slice(3)}-later`,
    });
  });

  it.each([
    ['none', {}],
    ['a state without its trace', { tracestate: 'rojo=1' }],
    ['other text', { traceparent: 'mine' }],
    ['capitals', { traceparent: TRACEPARENT.toUpperCase() }],
    ['version ff', { traceparent: `ff-${TRACEPARENT.slice(3)}` }],
    ['trace 0', { traceparent: `00-${'0'.repeat(32)}-b7ad6b7169203331-01` }],
    ['parent 0', { traceparent: `00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01` }],
    ['something more', { traceparent: `${TRACEPARENT}x` }],
  ])('is nothing with %s', (_, metadata) => {
    expect(traceContextOf({ tracestate: 'rojo=1', ...metadata })).toEqual({});
  });
});
