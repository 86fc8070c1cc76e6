import { literal } from './literal.js';

describe('literals of SQL', () => {
  it.each([
    ['plain', `'plain'`],
    [`it's`, `'it''s'`],
    ['back\\slash', ` E'back\\\\slash'`],
    [`\\'; drop table line; --`, ` E'\\\\''; drop table line; --'`],
    ['', `''`],
    [null, 'null'],
    [-1, '-1'],
  ])('%j is %s', (value, expected) => {
    expect(literal(value)).toBe(expected);
  });
});
