/** Asked by `await`, JSON, and test frameworks of any object; never a step that somebody reads by mistake. */
const PROBES = new Set(['then', 'toJSON', 'asymmetricMatch', '$$typeof', 'nodeType', 'tagName', '@@__IMMUTABLE_ITERABLE__@@']);

/**
 * `context.results`: an object that reads each value once, and throws where a name is none of those given. No getters: each object would have its own,
 * which costs a node dearly (`contextOf` says why).
 */
export function createResultReader(readers: ReadonlyMap<string, () => unknown>, unknownResult: (step: string) => Error): object {
  const read = (target: Record<string, unknown>, step: string): unknown => {
    if (!(step in target)) target[step] = readers.get(step)?.();
    return target[step];
  };
  return new Proxy(Object.create(null) as Record<string, unknown>, {
    get(target, property) {
      if (typeof property === 'symbol') return undefined;
      if (readers.has(property)) return read(target, property);
      if (PROBES.has(property) || property in Object.prototype) return undefined;
      throw unknownResult(property);
    },
    has: (_target, property) => typeof property === 'string' && readers.has(property),
    ownKeys: () => [...readers.keys()],
    getOwnPropertyDescriptor(target, property) {
      if (typeof property === 'symbol' || !readers.has(property)) return undefined;
      return { value: read(target, property), enumerable: true, configurable: true };
    },
    set: () => false,
  });
}
