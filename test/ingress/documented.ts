import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

const PAGE = join(import.meta.dirname, '../../docs/operations.md');

export type Tree = Readonly<Record<string, unknown>>;

/** The first example (YAML) that docs/operations.md gives under this heading for this controller. Throws when there is none. */
export function documented(heading: string, controller: string): readonly Tree[] {
  const text = readFileSync(PAGE, 'utf8');
  const [, section] = text.split(`\n### ${heading}\n`);
  const [, paragraph] = section?.split(/\n#{2,3} /)[0]?.split(`\n**${controller}**`) ?? [];
  const [, example] = paragraph?.split('\n```yaml\n') ?? [];
  const [yaml] = example?.split('\n```') ?? [];
  if (yaml === undefined) throw new Error(`${PAGE} has no example for ${controller} under "${heading}".`);
  return parseAllDocuments(yaml).map((document) => {
    if (document.errors[0] !== undefined) throw document.errors[0];
    return document.toJS() as Tree;
  });
}
