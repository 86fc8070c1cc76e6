/** One thing that must be so: `found` is `expected`, and nothing is wrong. */
export interface BookCheck {
  readonly what: string;
  readonly expected: number;
  readonly found: number;
  /** The orders, skus or customers that are not as they should be. */
  readonly wrong: readonly string[];
}

export const balances = ({ expected, found, wrong }: BookCheck): boolean => wrong.length === 0 && found === expected;

/** Every row is as it should be. */
export function checkEach<T>(
  what: string,
  rows: readonly T[],
  is: { readonly right: (row: T) => boolean; readonly name: (row: T) => string },
): BookCheck {
  const wrong = rows.filter((row) => !is.right(row));
  return { what, expected: rows.length, found: rows.length - wrong.length, wrong: wrong.map(is.name) };
}

/** Rows by key; none, where a key has none. */
export class Grouped<T> {
  private readonly groups = new Map<string, T[]>();

  constructor(rows: readonly T[], keyOf: (row: T) => string) {
    for (const row of rows) {
      const group = this.groups.get(keyOf(row));
      if (group) group.push(row);
      else this.groups.set(keyOf(row), [row]);
    }
  }

  of(key: string): readonly T[] {
    return this.groups.get(key) ?? [];
  }

  get keys(): readonly string[] {
    return [...this.groups.keys()];
  }
}

export const sum = <T>(rows: readonly T[], amount: (row: T) => number): number => rows.reduce((total, row) => total + amount(row), 0);
