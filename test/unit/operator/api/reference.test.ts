import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEFAULTS } from '../../../../operator/api/defaults.ts';
import { type JsonSchema, referenceMarkdown, specJsonSchema } from '../../../../operator/api/reference.ts';
import { specSchema } from '../../../../operator/api/resource.ts';
import { FIELD_PATHS } from '../../../../operator/api/suggest.ts';

const page = new URL('../../../../docs/chatcluster.md', import.meta.url).pathname;

describe('docs/chatcluster.md', () => {
  it('has every field with its default and meaning, as the schema has them', async () => {
    const [prose] = readFileSync(page, 'utf8').split(/^### spec$/m);
    await expect(`${prose}${referenceMarkdown()}\n`).toMatchFileSnapshot(page);
  });
});

describe('the schema', () => {
  it('has for each field a default, and they are all in one literal', () => {
    expect(specSchema.parse({})).toEqual(DEFAULTS);
    expect(specSchema.parse(DEFAULTS)).toEqual(DEFAULTS);
  });

  it('can become a structural schema of Kubernetes: all described, no references, no unions of objects', () => {
    const visit = (path: string, schema: JsonSchema): string[] => {
      const faults = [
        schema.description === undefined && `${path} is not described`,
        '$ref' in schema && `${path} is a reference`,
        schema.type === undefined && schema.anyOf === undefined && `${path} has no type`,
        schema.anyOf?.some((option) => option.type !== 'integer' && option.type !== 'string') &&
          `${path} is a union of more than IntOrString`,
      ].filter((fault) => typeof fault === 'string');
      return [...faults, ...Object.entries(schema.properties ?? {}).flatMap(([key, field]) => visit(`${path}.${key}`, field))];
    };
    expect(visit('spec', specJsonSchema())).toEqual([]);
    expect(FIELD_PATHS.filter((path) => path.startsWith('spec.')).length).toBeGreaterThan(30);
  });
});
