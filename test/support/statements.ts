import { Client } from 'pg';

export interface Statements {
  /** Their names where they are prepared, else their texts; in order. */
  readonly asked: readonly string[];
  stop(): void;
}

/** What this process asks of its databases, from now on. */
export function listenToStatements(): Statements {
  const asked: string[] = [];
  const prototype = Client.prototype as unknown as { query: (this: Client, ...given: unknown[]) => unknown };
  const { query } = prototype;
  prototype.query = function ask(...given) {
    const [statement] = given as [string | { readonly name?: string; readonly text: string }];
    asked.push(typeof statement === 'string' ? statement : (statement.name ?? statement.text));
    return query.apply(this, given);
  };
  return { asked, stop: () => void (prototype.query = query) };
}

/** A node looks for sagas that are due and nobody's. */
export const isClaim = (statement: string): boolean => statement.includes('with due as');
