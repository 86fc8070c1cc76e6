import { createHash } from 'node:crypto';

/** 132 bits of SHA-256, in 22 characters: it stands in the row of every saga, and two texts do not meet in it by chance. */
export const shortHash = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 22);
