import { statusSchema } from '../status/resource-status.ts';
import { type CelRule, matches, said } from './cel.ts';
import { SPEC_CEL } from './contradictions.ts';
import { GROUP, PLURAL, VERSION } from './names.ts';
import { REDIS_URL_RULE } from './redis-url-pattern.ts';
import { KIND, MAX_NAME_LENGTH, NAME_PATTERN, NAME_REMEDY, specSchema } from './resource.ts';
import { FARM_NAME_CEL } from './rules/long-polling.ts';
import { type StructuralSchema, structuralSchema } from './structural.ts';

const NAME = 'self.metadata.name';

const NAME_RULE: CelRule = {
  rule: matches(NAME, NAME_PATTERN),
  message: `metadata.name: ${NAME_REMEDY}`,
  messageExpression: said(`metadata.name: "{${NAME}}" is not a name here; ${NAME_REMEDY}`),
};

const SPEC_THERE: CelRule = {
  rule: 'has(self.spec)',
  message: 'is missing; write at least spec.broker.url, such as "redis://redis:6379"',
  fieldPath: '.spec',
  reason: 'FieldValueRequired',
};

/** The prefix that counts, in CEL; on the whole resource, since the one by default is made of its name. */
const prefixOf = (resource: string) =>
  `(has(${resource}.spec.broker.keyPrefix) ? ${resource}.spec.broker.keyPrefix : ${resource}.metadata.name + ":")`;

/** All that is stored in Redis stands below the prefix: with another one, every channel would begin anew for everybody. */
const PREFIX_STAYS: CelRule = {
  rule: `!has(self.spec) || !has(oldSelf.spec) || ${prefixOf('self')} == ${prefixOf('oldSelf')}`,
  message:
    'can not be changed, since all channels would lose their history; set it back, or write a new ChatCluster with the new prefix and move clients to it',
  messageExpression: said(
    `"{${prefixOf('self')}}" is not the "{${prefixOf('oldSelf')}}" that it was, and with another prefix all channels lose their history; set it back, or write a new ChatCluster with the new prefix and move clients to it`,
  ),
  fieldPath: '.spec.broker.keyPrefix',
  reason: 'FieldValueForbidden',
};

const columns: readonly (readonly [name: string, type: string, jsonPath: string, description: string, wide?: 'wide'])[] = [
  ['Desired', 'integer', '.status.desiredReplicas', 'Gateways that there should be.'],
  ['Ready', 'integer', '.status.readyReplicas', 'Gateways that are ready.'],
  ['Connections', 'integer', '.status.connections', 'Connections that the gateways hold.'],
  ['Utilization', 'string', '.status.utilization', 'Connections in percent of capacity.'],
  ['Draining', 'integer', '.status.draining', 'Gateways that connections are moved away from.'],
  ['Age', 'date', '.metadata.creationTimestamp', 'Since when there is this ChatCluster.'],
  ['Updated', 'integer', '.status.updatedReplicas', 'Gateways with the present settings.', 'wide'],
  ['Capacity', 'integer', '.status.capacity', 'Connections that the gateways could hold.', 'wide'],
  ['Min', 'integer', '.status.minReplicas', 'The least gateways now, by the schedules that are active.', 'wide'],
  ['Max', 'integer', '.status.maxReplicas', 'The most gateways now, by the schedules that are active.', 'wide'],
  ['Decision', 'string', '.status.lastDecision.summary', 'The last decision on the number of gateways.', 'wide'],
];

/** The CustomResourceDefinition of ChatClusters. */
export function customResourceDefinition() {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${PLURAL}.${GROUP}` },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: {
        plural: PLURAL,
        singular: KIND.toLowerCase(),
        kind: KIND,
        listKind: `${KIND}List`,
        shortNames: ['chat'],
        categories: ['all'],
      },
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          subresources: {
            status: {},
            scale: {
              specReplicasPath: '.spec.replicas',
              statusReplicasPath: '.status.replicas',
              labelSelectorPath: '.status.selector',
            },
          },
          additionalPrinterColumns: columns.map(([name, type, jsonPath, description, wide]) => ({
            name,
            type,
            jsonPath,
            description,
            ...(wide !== undefined && { priority: 1 }),
          })),
          schema: { openAPIV3Schema: resource() },
        },
      ],
    },
  };
}

function resource(): StructuralSchema {
  return {
    type: 'object',
    description: 'A fleet of chat gateways that grows and shrinks with its load, and moves connections away before a gateway goes.',
    properties: {
      apiVersion: { type: 'string', description: `${GROUP}/${VERSION}.` },
      kind: { type: 'string', description: `${KIND}.` },
      metadata: { type: 'object', properties: { name: { type: 'string', maxLength: MAX_NAME_LENGTH } } },
      spec: spec(),
      status: structuralSchema(statusSchema),
    },
    'x-kubernetes-validations': [NAME_RULE, SPEC_THERE, PREFIX_STAYS, ...FARM_NAME_CEL],
  };
}

function spec(): StructuralSchema {
  const schema = structuralSchema(specSchema);
  const broker = schema.properties?.broker;
  if (broker !== undefined) broker['x-kubernetes-validations'] = [REDIS_URL_RULE];
  return { ...schema, 'x-kubernetes-validations': SPEC_CEL };
}
