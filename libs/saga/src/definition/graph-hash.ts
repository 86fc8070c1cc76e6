import type { StepDefinition } from '../planning/definition.js';
import { shortHash } from './short-hash.js';

/**
 * Of names, dependencies and kinds: what decides whether a saga that has begun can go on with this definition. [R23]
 * The order of the methods is not part of it, where it changes no dependency.
 */
export function graphHash(steps: readonly Pick<StepDefinition, 'name' | 'after' | 'kind'>[]): string {
  const nodes = steps.map(({ name, after, kind }) => [name, after.toSorted(), kind] as const).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return shortHash(JSON.stringify(nodes));
}
