import { readdirSync } from 'node:fs';

import { commandPattern } from '../../libs/saga/src/participant/protocol.js';
import { faultsOfCommand, faultsOfReply, readSchema } from '../../libs/saga/src/participant/protocol-schema.fixture.js';
import { read } from './readme-blocks.js';

const page = read('docs/reference/protocol.md');

const examples = [...page.matchAll(/(?:<!-- (\w+) -->\n\n)?```json\n([\s\S]*?)\n```/g)].map(([, of, json = '']) => ({ of, json }));

describe('docs/reference/protocol.md', () => {
  it.each(examples.map((example, index) => ({ ...example, number: index + 1 })))('example $number, a $of, is right', ({ of, json }) => {
    const value = JSON.parse(json) as { readonly data?: unknown; readonly response?: unknown; readonly pattern?: string };
    if (of === 'command') return expect(faultsOfCommand(value)).toEqual([]);
    if (of === 'reply') return expect(faultsOfReply(value)).toEqual([]);
    expect(of).toBe('packet');
    if (value.response !== undefined) return expect(faultsOfReply(value.response)).toEqual([]);
    expect(faultsOfCommand(value.data)).toEqual([]);
    expect(value.pattern).toBe(commandPattern('stock'));
  });

  it('shows a packet each way, a command and replies', () => {
    expect(examples.map(({ of }) => of)).toEqual(['packet', 'packet', 'command', 'reply', 'reply']);
  });

  it('has every field of the command, and says which are always there', () => {
    const { required, properties } = readSchema('command');
    const rows = [...section('The command').matchAll(/^\| `(\w+)` +\| (.*?) +\|/gm)].map(([, field = '', is]) => ({ field, is }));
    expect(rows.map(({ field }) => field)).toEqual(Object.keys(properties));
    expect(rows.filter(({ is }) => is === 'always').map(({ field }) => field)).toEqual(required);
  });

  it('has every code that a participant answers with, and those that an orchestrator tells', () => {
    const codes = page.match(/(?<=`)SAGA_\w+(?=`)/g) ?? [];
    const ours = ['participant', 'execution'].flatMap(codesIn).filter((code) => !OF_OTHER_PLACES.has(code));
    expect([...new Set(codes)].toSorted()).toEqual([...new Set(ours)].toSorted());
  });
});

/** Codes that never say what became of a command. */
const OF_OTHER_PLACES = new Set(['SAGA_PARTICIPANT', 'SAGA_DEFERRED_REPLY']);

const section = (title: string): string => page.split(/^##+ /m).find((part) => part.startsWith(`${title}\n`)) ?? '';

/** Those in the files of a folder that have to do with the wire. */
function codesIn(folder: string): readonly string[] {
  const path = `libs/saga/src/${folder}`;
  const files = readdirSync(new URL(`../../${path}`, import.meta.url)).filter((file) => /^(?!.*(spec|fixture)\.ts$).*\.ts$/.test(file));
  const onTheWire = folder === 'participant' ? files : ['transport-end.ts', 'reply-end.ts'];
  return onTheWire.flatMap((file) => read(`${path}/${file}`).match(/(?<=')SAGA_[A-Z_]+(?=')/g) ?? []);
}
