import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { numberText } from './tables.js';

/** The part of a .cpuprofile that is read here. */
interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const SHOWN = 25;

/** Where the time of a profile went: the functions that ran longest themselves, those that they called left out. */
export async function hottest(file: string): Promise<string> {
  const { nodes, samples, timeDeltas } = JSON.parse(await readFile(file, 'utf8')) as Profile;
  const places = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
  const spent = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const place = places.get(id) ?? '';
    spent.set(place, (spent.get(place) ?? 0) + (timeDeltas[index] ?? 0));
  }
  const all = timeDeltas.reduce((sum, delta) => sum + delta, 0);
  const top = [...spent].toSorted(([, left], [, right]) => right - left).slice(0, SHOWN);
  return [`Time by function, of ${file}:`, ...top.map(([place, us]) => `${numberText((us / all) * 100, 1).padStart(6)} %  ${place}`)].join(
    '\n',
  );
}

function placeOf({ functionName, url, lineNumber }: Profile['nodes'][number]['callFrame']): string {
  const file = url.startsWith('file:') ? relative(process.cwd(), fileURLToPath(url)) : url;
  return `${functionName || '(anonymous)'}${file && `  ${file.replace('bench/dist/node_modules/', '')}:${lineNumber + 1}`}`;
}
