import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml';

/** A place in a text; both count from 1. */
export interface Where {
  readonly line: number;
  readonly column: number;
}

/** A YAML text read, with the place of each field; or why it is none. */
export type YamlRead =
  | { readonly kind: 'ok'; readonly value: unknown; where(path: readonly string[]): Where | null }
  | { readonly kind: 'invalid'; readonly errors: readonly { readonly message: string; readonly where: Where | null }[] };

/** Reads a text that must hold exactly one YAML document. */
export function readYaml(text: string): YamlRead {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  const documents = Array.isArray(parsed) ? parsed.filter((document) => document.contents !== null || document.errors.length > 0) : [];
  const at = (offset: number): Where => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const errors = documents.flatMap((document) =>
    document.errors.map((error) => ({ message: `not YAML: ${oneLine(error.message)}`, where: at(error.pos[0]) })),
  );
  if (errors.length > 0) return { kind: 'invalid', errors };
  const [document, second] = documents;
  if (document === undefined) return { kind: 'invalid', errors: [{ message: 'the file is empty; write a ChatCluster', where: null }] };
  if (second !== undefined) {
    const message = `${documents.length} YAML documents; keep one ChatCluster in a file`;
    return { kind: 'invalid', errors: [{ message, where: at(second.range[0]) }] };
  }
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    JSON.stringify(value); // throws when an anchor holds itself, which nothing after this would survive
    return { kind: 'ok', value, where: (path) => whereOf(document, path, at) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const cause = message.includes('circular') ? 'an anchor holds an alias of itself' : oneLine(message);
    return { kind: 'invalid', errors: [{ message: `not YAML: ${cause}`, where: null }] };
  }
}

/** The place of the key (or in a list, the item) at `path`, or of the nearest group around it that is written. */
function whereOf(document: Document, path: readonly string[], at: (offset: number) => Where): Where | null {
  let node: unknown = document.contents;
  let offset = document.range?.[0] ?? 0;
  if (isMap(node) && node.range) offset = node.range[0];
  for (const key of path) {
    if (isSeq(node)) {
      const item: unknown = node.items[Number(key)];
      if (isNode(item) && item.range) offset = item.range[0];
      node = item;
      continue;
    }
    if (!isMap(node)) break;
    const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
    if (pair === undefined) break;
    if (isScalar(pair.key) && pair.key.range) offset = pair.key.range[0];
    node = pair.value;
  }
  return at(offset);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
