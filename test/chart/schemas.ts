import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Api } from '../kube/api.ts';
import { makeFolder } from '../servers/leftovers.ts';

interface Definition {
  readonly format?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly 'x-kubernetes-group-version-kind'?: readonly { readonly group: string; readonly version: string; readonly kind: string }[];
}

/** Where kubeconform looks in the folder. */
const FILE = '{{ .ResourceKind }}{{ .KindSuffix }}.json';

/**
 * JSON schemas of every kind that the API server knows, CustomResources too, for kubeconform: from its own OpenAPI. They know no fields beside
 * those that are there. Answers the value of `-schema-location`.
 */
export async function schemasOf(api: Api): Promise<string> {
  const folder = makeFolder('schemas');
  const { definitions } = await api.get<{ definitions: Readonly<Record<string, Definition>> }>('/openapi/v2');
  const closed = Object.entries(definitions).map(([name, definition]) => {
    // What may be written as a number too, which OpenAPI 2 can't say.
    if (definition.format === 'int-or-string' || name.endsWith('.resource.Quantity')) return [name, { type: ['number', 'string'] }];
    return [name, definition.properties === undefined ? definition : { ...definition, additionalProperties: false }];
  });
  const all = { definitions: Object.fromEntries(closed) };
  writeFileSync(join(folder, '_definitions.json'), JSON.stringify(all));
  for (const [name, definition] of Object.entries(definitions)) {
    for (const { group, version, kind } of definition['x-kubernetes-group-version-kind'] ?? []) {
      const suffix = `${group === '' ? '' : `-${group.split('.')[0]}`}-${version}`;
      const schema = { $ref: `_definitions.json#/definitions/${name}` };
      writeFileSync(join(folder, `${kind.toLowerCase()}${suffix.toLowerCase()}.json`), JSON.stringify(schema));
    }
  }
  return join(folder, FILE);
}
