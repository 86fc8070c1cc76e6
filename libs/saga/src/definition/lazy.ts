/** A property that is read when it is first asked for, and then stays as it was read. */
export function lazy(read: () => unknown): PropertyDescriptor {
  let known: { readonly value: unknown } | undefined;
  return { enumerable: true, configurable: true, get: () => (known ??= { value: read() }).value };
}
