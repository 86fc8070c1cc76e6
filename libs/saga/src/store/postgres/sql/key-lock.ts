/**
 * The number of the advisory lock of a start: its name and key, or its id where it has no key. Who is about to take a key in a
 * transaction of its own holds the lock until that ends, so that a group need not wait at the index to find out. Two keys with one
 * number wait for each other, and no more; the schema keeps two installations in one database apart.
 */
export const keyLock = (schema: string, { id, name, key }: { readonly id: string; readonly name: string; readonly key: string }): string =>
  `hashtextextended(coalesce(${name} || ' ' || ${key}, ${id}::text), hashtext('${schema.replaceAll("'", "''")}'))`;
