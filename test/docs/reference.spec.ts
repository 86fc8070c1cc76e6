import { readdirSync } from 'node:fs';

import { DEFAULTS } from '../../libs/saga/src/planning/defaults.js';
import { read } from './readme-blocks.js';

const FOLDER = 'docs/reference';
const pages = readdirSync(new URL(`../../${FOLDER}`, import.meta.url)).filter((file) => file.endsWith('.md'));
const index = read(`${FOLDER}/README.md`);

/** The rules that the headings of a page name, such as `## The pivot (R11)`. */
const rulesOf = (page: string): readonly number[] =>
  [...read(`${FOLDER}/${page}`).matchAll(/^## .*\((R\d+(?:, R\d+)*)\)$/gm)].flatMap(([, rules = '']) =>
    rules.split(', ').map((rule) => Number(rule.slice(1))),
  );

describe('docs/reference', () => {
  it('states each rule once, R1 to R35', () => {
    const stated = pages.flatMap(rulesOf);
    expect(stated.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 35 }, (_, rule) => rule + 1));
  });

  it.each(pages.filter((page) => page !== 'README.md'))('%s is in the index, with its rules', (page) => {
    const [row, rules = ''] = new RegExp(`^\\| \\[.*\\]\\(${page}\\) *\\| ([^|]*) \\|`, 'm').exec(index) ?? [];
    expect(row).toBeDefined();
    expect(
      rules
        .split(', ')
        .map((rule) => rule.trim())
        .filter(Boolean),
    ).toEqual([...rulesOf(page)].toSorted((a, b) => a - b).map((rule) => `R${rule}`));
  });

  it('has no other default than the code', () => {
    const rows = [...read(`${FOLDER}/defaults.md`).matchAll(/^\| `(\w+)` +\| (.*?) +\|/gm)].map(([, name, value]) => [name, value]);
    expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(Object.entries(DEFAULTS).map(([name, value]) => [name, textOf(value)])));
  });
});

const textOf = (value: string | number | boolean | object): string =>
  typeof value === 'object'
    ? Object.entries(value)
        .map(([name, part]) => `${name} ${part}`)
        .join(', ')
    : String(value);
