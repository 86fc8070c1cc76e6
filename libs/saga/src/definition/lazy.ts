/** A value that is read when it is first asked for, and then stays as it was read. */
export function once<T>(read: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => (known ??= { value: read() }).value;
}

/** A property of such a value. */
export const lazy = (read: () => unknown): PropertyDescriptor => ({ enumerable: true, configurable: true, get: once(read) });
