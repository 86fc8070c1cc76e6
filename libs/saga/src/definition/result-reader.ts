import { lazy } from './lazy.js';

/** Asked by `await`, JSON, and test frameworks of any object; never a step that somebody reads by mistake. */
const PROBES = new Set(['then', 'toJSON', 'asymmetricMatch', '$$typeof', 'nodeType', 'tagName', '@@__IMMUTABLE_ITERABLE__@@']);

/** `context.results`: an object that reads each value once, and throws where a name is none of those given. */
export function createResultReader(readers: ReadonlyMap<string, () => unknown>, unknownResult: (step: string) => Error): object {
  const results = Object.create(null) as object;
  for (const [step, read] of readers) Object.defineProperty(results, step, lazy(read));
  return new Proxy(results, {
    get(target, property) {
      if (typeof property === 'symbol' || property in target) return Reflect.get(target, property) as unknown;
      if (PROBES.has(property) || property in Object.prototype) return undefined;
      throw unknownResult(property);
    },
  });
}
