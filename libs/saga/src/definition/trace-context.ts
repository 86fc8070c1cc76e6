interface TraceContext {
  readonly traceparent?: string;
  readonly tracestate?: string;
}

/** Version, trace id, parent id, flags. A later version may add to it. See https://www.w3.org/TR/trace-context/#traceparent-header */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?$/;

/**
 * The trace that a saga is a part of: what its start had under the names of the W3C's headers. What is none of that form
 * is left out, as the W3C has it: a receiver would begin a trace of its own.
 */
export function traceContextOf({ traceparent, tracestate }: Readonly<Record<string, string>>): TraceContext {
  if (traceparent === undefined || !TRACEPARENT.test(traceparent)) return {};
  return { traceparent, ...(tracestate !== undefined && { tracestate }) };
}
