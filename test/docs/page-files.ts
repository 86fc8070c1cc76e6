/** Below a block's language stands a path: a file in full, or as a `diff` what is to be changed in one. */
const BLOCK = /^```(\w+) (\S+)\n(.*?)^```$/gms;

/**
 * What the files that a page tells to write come to, by path from the repository's root.
 *
 * @param read gives a file that is to be changed, as it is
 * @throws Error naming the line where what is to be changed is not there, or is there more than once
 */
export function filesOf(path: string, text: string, read: (file: string) => string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const { 1: language, 2: file = '', 3: body = '', index } of text.matchAll(BLOCK)) {
    const place = `${path}:${text.slice(0, index).split('\n').length}`;
    files.set(file, language === 'diff' ? changed(place, files.get(file) ?? read(file), body) : body);
  }
  return files;
}

/** Hunks are parted by `@@`. Each stands at the only place where its lines are. */
function changed(place: string, text: string, diff: string): string {
  return diff.split(/^@@\n/m).reduce((content, hunk) => {
    const lines = hunk.replace(/\n$/, '').split('\n');
    const [before, after] = [without('+', lines), without('-', lines)];
    const found = content.split(before).length - 1;
    if (found !== 1) throw new Error(`${place}: what it changes is there ${found} times, not once:\n${before}`);
    return content.replace(before, () => after);
  }, text);
}

const without = (sign: string, lines: readonly string[]): string =>
  lines
    .filter((line) => !line.startsWith(sign))
    .map((line) => line.slice(1))
    .join('\n');
