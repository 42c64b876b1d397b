import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { customResourceDefinition } from '../../../../operator/api/crd.ts';
import type { StructuralSchema } from '../../../../operator/api/structural.ts';

const root = new URL('../../../../', import.meta.url).pathname;
const [version] = customResourceDefinition().spec.versions;
const schema: StructuralSchema = version?.schema.openAPIV3Schema ?? {};

/** Every part of the schema by its path. */
function parts(path: string, part: StructuralSchema): [string, StructuralSchema][] {
  const inner = Object.entries(part.properties ?? {}).flatMap(([key, field]) => parts(`${path}.${key}`, field));
  const each = [part.items, part.additionalProperties].flatMap((item) => (item === undefined ? [] : parts(`${path}[]`, item)));
  return [[path, part], ...inner, ...each];
}

const all = parts('', schema);
const rules = all.flatMap(([path, part]) => (part['x-kubernetes-validations'] ?? []).map((rule) => [path, rule] as const));

describe('the CRD', () => {
  it('is what stands in the repository and in the chart', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/generate.ts', '--check'], { cwd: root, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('describes every field, in a sentence', () => {
    const fields = all.filter(([path]) => path !== '' && !path.startsWith('.metadata') && !path.endsWith('[]'));
    expect(fields.length).toBeGreaterThan(90);
    expect(fields.filter(([, { description }]) => !/^[A-Za-z][^\n]*\.$/.test(description ?? '')).map(([path]) => path)).toEqual([]);
  });

  it('has for each rule a message of one line that names a remedy', () => {
    expect(rules.length).toBeGreaterThan(30);
    const dull = rules.filter(([, { message }]) => !/^[^\n]+[;,:] [^\n]*[a-z]/.test(message) || /undefined|null/.test(message));
    expect(dull).toEqual([]);
  });

  it('shows the error of a rule at a field that there is', () => {
    const fieldPaths = rules.flatMap(([path, { fieldPath }]) => (fieldPath === undefined ? [] : [`${path}${fieldPath}`]));
    expect(fieldPaths.length).toBeGreaterThan(15);
    expect(fieldPaths.filter((path) => !all.some(([known]) => known === path))).toEqual([]);
  });

  it('has a column only for what there is', () => {
    const paths = version?.additionalPrinterColumns.map(({ jsonPath }) => jsonPath) ?? [];
    expect(paths.filter((path) => !path.startsWith('.metadata') && !all.some(([known]) => known === path))).toEqual([]);
  });
});
