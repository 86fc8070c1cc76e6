import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = new URL('../..', import.meta.url).pathname;
const IS_TEST = /\.(spec|e2e-spec|conformance|scenario)\.ts$/;
/** A test or a group of tests whose name begins with the rules that it proves. */
const NAMED = /(?:it|test|describe|story|scenario|survives)(?:\.each[\s\S]{0,400}?)?\(\s*(['"`])((?:R\d+[^:]*): )/g;

/** All rules there are. One without a test that names it is a promise that nobody checks. */
const RULES = Array.from({ length: 35 }, (_, index) => index + 1);

describe('rules', () => {
  const named = new Set(['libs', 'apps', 'test'].flatMap(testFiles).flatMap(rulesIn));

  it.each(RULES)('R%i has a test that names it', (rule) => {
    expect([...named]).toContain(rule);
  });
});

function testFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => join(ROOT, folder, file))
    .filter((file) => IS_TEST.test(file) && !file.includes('node_modules'));
}

function rulesIn(file: string): number[] {
  return [...readFileSync(file, 'utf8').matchAll(NAMED)].flatMap(([, , rules = '']) =>
    [...rules.matchAll(/R(\d+)/g)].map(([, rule]) => Number(rule)),
  );
}
