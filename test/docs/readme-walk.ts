/**
 * What a reader of the README does in an application of their own, in order: what stands in the blocks below `<!-- yours: … -->`.
 *
 * - `<!-- yours: src/app.module.ts -->`: writes that file; a later block of the same path replaces it. One that ends with `.spec.ts` is tested there.
 * - `<!-- yours: prints -->`: builds, runs `node dist/main.js`, and sees these lines. Nest's own are left out on both sides; `…` stands for any text.
 * - `<!-- yours: sh -->`: runs these commands. A path to our tarball is that of the one under test.
 */
export type Stop =
  | { readonly kind: 'writes'; readonly path: string; readonly text: string }
  | { readonly kind: 'prints'; readonly text: string }
  | { readonly kind: 'runs'; readonly commands: readonly string[] };

/** A block of the reader's own application, its comment included. */
export const YOURS = /<!-- yours: (\S+) -->\n+```\w+\n([\s\S]*?)\n```/g;

/** @throws Error where a comment of this kind has no block right below it */
export function walkThrough(page: string): readonly Stop[] {
  const stops = [...page.matchAll(YOURS)].map(([, what = '', text = '']) => stopAt(what, `${text}\n`));
  const marks = page.match(/<!-- yours:.*-->/g) ?? [];
  if (marks.length !== stops.length)
    throw new Error(`Of ${marks.length} comments <!-- yours: … -->, ${stops.length} stand above a block: ${marks.join(' ')}`);
  return stops;
}

function stopAt(what: string, text: string): Stop {
  if (what === 'prints') return { kind: 'prints', text };
  if (what === 'sh') return { kind: 'runs', commands: text.trim().split('\n') };
  return { kind: 'writes', path: what, text };
}
