import { parseHTML } from 'linkedom';

export interface ReadFlowchart {
  readonly title: string;
  /** By id: the label as a reader sees it, and the shape. */
  readonly boxes: Readonly<Record<string, { readonly label: string; readonly shape: string; readonly classes: readonly string[] }>>;
  /** `a --> b`, dotted `a -.-> b`. */
  readonly edges: readonly string[];
}

/** As Mermaid 11 keeps what it parsed. */
interface FlowDiagram {
  readonly db: {
    getVertices(): ReadonlyMap<string, { readonly text?: string; readonly type?: string; readonly classes: readonly string[] }>;
    getEdges(): readonly { readonly start: string; readonly end: string; readonly stroke: string }[];
  };
}

/** Reads a flowchart with Mermaid's own parser. @throws Error where it is none. */
export async function readMermaid(text: string): Promise<ReadFlowchart> {
  const { parse, mermaidAPI } = await loadMermaid();
  // Parsing also reads the title's YAML, and loads the kinds of diagrams that there are.
  await parse(text);
  const { db } = (await mermaidAPI.getDiagramFromText(text)) as unknown as FlowDiagram;
  return {
    title: JSON.parse(/^title: (.*)$/m.exec(text)?.[1] ?? '""') as string,
    boxes: Object.fromEntries(
      [...db.getVertices()].map(([id, { text: label = id, type = 'none', classes }]) => [
        id,
        { label: shown(label), shape: type, classes },
      ]),
    ),
    edges: db.getEdges().map(({ start, end, stroke }) => `${start} ${stroke === 'dotted' ? '-.->' : '-->'} ${end}`),
  };
}

/** Mermaid cleans labels with DOMPurify, which does nothing without a document. */
async function loadMermaid(): Promise<typeof import('mermaid').default> {
  const { window } = parseHTML('<html></html>');
  Object.assign(globalThis, { window, document: window.document });
  return (await import('mermaid')).default;
}

/** Mermaid keeps character codes as `ﬂ°°60¶ß` until it draws. */
const shown = (label: string): string => label.replaceAll(/ﬂ°°(\d+)¶ß/g, (_, code: string) => String.fromCodePoint(Number(code)));
