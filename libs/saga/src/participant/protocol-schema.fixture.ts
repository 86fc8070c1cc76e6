import { readFileSync } from 'node:fs';

import { Ajv2020 } from 'ajv/dist/2020.js';

export interface Schema {
  readonly required: readonly string[];
  readonly properties: Readonly<Record<string, unknown>>;
}

/** As it ships. */
export const readSchema = (name: 'command' | 'reply'): Schema =>
  JSON.parse(readFileSync(new URL(`../../protocol/${name}.schema.json`, import.meta.url), 'utf8')) as Schema;

const ajv = new Ajv2020({ strict: true, allErrors: true });

const command = compile('command');
const reply = compile('reply');

/** What the schema that ships with the package has against a command; empty: nothing. */
export const faultsOfCommand = (message: unknown): readonly string[] => command(message);

/** The same of a reply. */
export const faultsOfReply = (answer: unknown): readonly string[] => reply(answer);

function compile(name: 'command' | 'reply'): (value: unknown) => readonly string[] {
  const validate = ajv.compile(readSchema(name));
  return (value) => {
    // A value that is `undefined` does not exist on a wire.
    validate(value === undefined ? undefined : JSON.parse(JSON.stringify(value)));
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };
}
