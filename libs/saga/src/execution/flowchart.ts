/** A step as it is drawn. */
export interface DrawnStep {
  readonly name: string;
  /** What is said of it, a line each. */
  readonly lines: readonly string[];
  readonly shape: Shape;
  readonly styles: readonly Style[];
  /** Names of the steps that it depends on. */
  readonly after: readonly string[];
  readonly undo: DrawnBox | null;
}

export interface DrawnBox {
  readonly lines: readonly string[];
  readonly styles: readonly Style[];
}

export interface Drawing {
  readonly title: string;
  readonly steps: readonly DrawnStep[];
  /** What is said of all of it, and the step that it comes of, where there is one. */
  readonly note?: DrawnBox & { readonly from: string | undefined };
}

export type Shape = keyof typeof SHAPES;
export type Style = keyof typeof STYLES;

const SHAPES = {
  step: ['[', ']'],
  pivot: ['{{', '}}'],
  items: ['[/', '/]'],
  wait: ['([', '])'],
  child: ['[[', ']]'],
} as const;

/** Fill, line and text each, so that they are readable on a dark page too. */
const STYLES = {
  pivot: 'stroke-width:4px',
  conditional: 'stroke-dasharray:6 4',
  undo: 'fill:#f6f8fa,stroke:#8c959f,color:#24292f',
  fault: 'fill:#ffebe9,stroke:#cf222e,color:#24292f,stroke-dasharray:2 2',
  succeeded: 'fill:#dafbe1,stroke:#1a7f37,color:#24292f',
  failed: 'fill:#ffebe9,stroke:#cf222e,color:#24292f',
  unknown: 'fill:#fff8c5,stroke:#9a6700,color:#24292f',
  started: 'fill:#ddf4ff,stroke:#0969da,color:#24292f',
  waiting: 'fill:#fbefff,stroke:#8250df,color:#24292f',
  pending: 'fill:#ffffff,stroke:#8c959f,color:#24292f',
  skipped: 'fill:#f6f8fa,stroke:#8c959f,color:#57606a,stroke-dasharray:4 4',
  compensated: 'fill:#eaeef2,stroke:#1a7f37,color:#24292f',
  resolved: 'fill:#eaeef2,stroke:#8250df,color:#24292f',
  note: 'fill:#fff8c5,stroke:#9a6700,color:#24292f',
} as const;

/** Characters; what is longer is cut. */
const LONGEST_LINE = 120;

/** A Mermaid flowchart. Names of steps are labels alone: as identifiers, `end` or `o1` would mean something to Mermaid. */
export function flowchart({ title, steps, note }: Drawing): string {
  const ids = new Map(steps.map(({ name }, index) => [name, `s${index + 1}`]));
  const unknown = [...new Set(steps.flatMap(({ after }) => after))].filter((name) => !ids.has(name));
  for (const [index, name] of unknown.entries()) ids.set(name, `x${index + 1}`);
  const idOf = (name: string): string => ids.get(name) ?? 'x0';
  const styled: [string, Style][] = [];
  const box = (id: string, { lines, styles }: DrawnBox, [open, close]: readonly [string, string]): string => {
    styled.push(...styles.map((style): [string, Style] => [id, style]));
    return `${id}${open}"${lines.map(escapeText).join('<br>')}"${close}`;
  };

  const drawn = [
    ...steps.map((step) => box(idOf(step.name), { ...step, lines: [step.name, ...step.lines] }, SHAPES[step.shape])),
    ...unknown.map((name) => box(idOf(name), { lines: [name, 'no such step'], styles: ['fault'] }, SHAPES.step)),
    ...steps.flatMap(({ name, after }) => after.map((before) => `${idOf(before)} --> ${idOf(name)}`)),
    ...steps.flatMap(({ name, undo }) =>
      undo === null ? [] : [`${idOf(name)} -. undone by .-> ${box(idOf(name).replace('s', 'u'), undo, ['(', ')'])}`],
    ),
    ...(note === undefined ? [] : [box('note', note, SHAPES.step)]),
    ...(note?.from !== undefined && ids.has(note.from) ? [`${idOf(note.from)} -.- note`] : []),
    ...(steps.length === 0 && note === undefined ? ['none["no steps"]'] : []),
  ];
  return [...head(title), ...drawn.map((line) => `  ${line}`), ...styleLines(styled).map((line) => `  ${line}`)].join('\n');
}

/** The title is YAML, of which JSON is a part. */
const head = (title: string): readonly string[] => ['---', `title: ${JSON.stringify(oneLine(title))}`, '---', 'flowchart TD'];

function styleLines(styled: readonly (readonly [string, Style])[]): readonly string[] {
  const used = [...new Set(styled.map(([, style]) => style))];
  return used.flatMap((style) => {
    const ids = styled.filter(([, of]) => of === style).map(([id]) => id);
    return [`classDef ${style} ${STYLES[style]}`, `class ${ids.join(',')} ${style}`];
  });
}

/**
 * What does not stand for itself inside a quoted label becomes a character code, as Mermaid writes them: quotes end a label, `<` begins
 * HTML, `%%{` a directive, `*`, `` ` `` and an underscore at a word's edge formatting; a colon before a code takes its semicolon away.
 * `°` and `¶` are Mermaid's own marks for such codes.
 */
const TELLING = /(?!: |(?<=[\p{L}\p{N}])_(?=[\p{L}\p{N}]))[!-~°¶](?<![\p{L}\p{N} .,()+/'-])/gu;

export const escapeText = (text: string): string =>
  oneLine(text)
    .replaceAll(TELLING, (character) => `#${character.codePointAt(0)};`)
    .replaceAll(TWO_DOLLARS, '#36;#8288;');

/** Codes are read before formulas are looked for, so something that nobody sees (a word joiner) stands between two dollars. */
const TWO_DOLLARS = /#36;(?=#36;)/g;

/** An error's text may be a page, and may hold what YAML does not allow. */
function oneLine(text: string): string {
  const line = Array.from(text.replaceAll(/[\s\p{Cc}\p{Cs}\uFFFE\uFFFF]+/gu, ' ').trim());
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE - 1).join('')}…` : line.join('');
}
