/**
 * The value as a database would give it back: a copy in stored form, so that the store and its callers share nothing by
 * reference, and what does not survive JSON is lost here too, not only in production.
 */
export const storedCopy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
