/**
 * A value as PostgreSQL reads it back unchanged, whatever is in it and however the server reads backslashes. Statements that carry their values
 * can go together in one message; those with parameters cannot. The caller sees that there is no NUL, which no literal can hold.
 */
export function literal(value: string | number | null): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return String(value);
  const quoted = `'${value.replaceAll("'", "''")}'`;
  return value.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}
