import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isMap, isScalar, parseDocument, type YAMLMap } from 'yaml';
import { CHART } from './helm.ts';

const page = join(CHART, 'README.md');
const HEAD = '| value | default | meaning |\n|---|---|---|\n';

interface Row {
  readonly path: string;
  readonly value: unknown;
  readonly meaning: string;
}

it("the chart's README has every value with its default and meaning, as values.yaml has them", async () => {
  const [before = ''] = readFileSync(page, 'utf8').split(HEAD);
  const lines = rows().map(
    ({ path, value, meaning }) => `| \`${path}\` | \`${JSON.stringify(value)}\` | ${meaning.replaceAll('|', '\\|')} |\n`,
  );
  await expect(before + HEAD + lines.join('')).toMatchFileSnapshot(page);
});

it('each value is explained', () => {
  const found = rows();
  expect(found.length).toBeGreaterThan(40);
  expect(found.filter(({ meaning }) => meaning === '').map(({ path }) => path)).toEqual([]);
});

it('each value is in the schema', () => {
  const schema = JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8')) as Schema;
  for (const { path } of rows()) expect(has(schema, path.split('.')), path).toBe(true);
});

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly definitions?: Readonly<Record<string, Schema>>;
  readonly $ref?: string;
}

function has(root: Schema, path: readonly string[]): boolean {
  let at: Schema | undefined = root;
  for (const key of path) {
    if (at?.$ref !== undefined) at = root.definitions?.[at.$ref.replace('#/definitions/', '')];
    at = at?.properties?.[key];
  }
  return at !== undefined;
}

/** A value with a comment is one; a group without is what is in it. */
function rows(): readonly Row[] {
  const { contents } = parseDocument(readFileSync(join(CHART, 'values.yaml'), 'utf8'));
  return isMap(contents) ? rowsIn(contents, '') : [];
}

function rowsIn(map: YAMLMap, prefix: string): Row[] {
  return map.items.flatMap(({ key, value }, index) => {
    if (!isScalar(key)) return [];
    const path = `${prefix}${key.value}`;
    // The comment on the first key of a group stands at the group.
    const comment = key.commentBefore ?? (index === 0 && prefix !== '' ? map.commentBefore : undefined);
    if (comment === undefined && isMap(value)) return rowsIn(value, `${path}.`);
    const plain = value !== null && typeof value === 'object' && 'toJSON' in value ? (value as { toJSON(): unknown }).toJSON() : value;
    return [{ path, value: plain, meaning: lastParagraph(comment ?? '') }];
  });
}

function lastParagraph(comment: string): string {
  const lines = comment.split('\n').map((line) => line.trim());
  return lines.slice(lines.lastIndexOf('') + 1).join(' ');
}
