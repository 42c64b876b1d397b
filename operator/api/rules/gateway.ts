import { REDIS_URL_FORMS, showUrl } from '../../../protocol/redis-url.ts';
import { GATEWAY_CONTAINER } from '../names.ts';
import { celRule, type Rule } from './rule.ts';

const [QUEUE, MESSAGE] = ['self.gateway.queueBytes', 'self.gateway.messageBytes'];
const URL = 'self.broker.url';
const TEMPLATE = 'self.pods.template.spec';

export const GATEWAY_RULES: readonly Rule[] = [
  {
    fields: ['gateway.queueBytes', 'gateway.messageBytes'],
    check: ({ gateway: { queueBytes, messageBytes } }) =>
      queueBytes >= 2 * messageBytes
        ? null
        : `${queueBytes} can't hold two messages of spec.gateway.messageBytes ${messageBytes}, so a healthy reader is closed as too slow; raise it to at least ${2 * messageBytes} or lower messageBytes to at most ${Math.floor(queueBytes / 2)}`,
    cel: celRule(
      'gateway.queueBytes',
      `${QUEUE} >= 2 * ${MESSAGE}`,
      `{${QUEUE}} can't hold two messages of spec.gateway.messageBytes {${MESSAGE}}, so a healthy reader is closed as too slow; raise it to at least {2 * ${MESSAGE}} or lower messageBytes to at most {${QUEUE} / 2}`,
    ),
  },
  {
    fields: ['broker.url'],
    only: 'kubernetes',
    check: ({ broker: { url } }) =>
      url === null ? `is missing, and gateways in Pods meet only in a Redis; write ${REDIS_URL_FORMS}` : null,
    cel: celRule(
      'broker.url',
      `has(${URL})`,
      `is missing, and gateways in Pods meet only in a Redis; write ${REDIS_URL_FORMS}`,
      'FieldValueRequired',
    ),
  },
  {
    fields: ['broker.durability', 'broker.url'],
    only: 'machine',
    check: ({ broker: { durability, url } }) =>
      durability === 'acknowledged' || url !== null
        ? null
        : `"${durability}" needs a Redis, and spec.broker.url names none; write it there, or leave the file and run \`up\` with --redis URL --durability ${durability}`,
    cel: null,
  },
  {
    fields: ['broker.caSecret', 'broker.url'],
    check: ({ broker: { caSecret, url } }) =>
      caSecret === null || url === null || url.startsWith('rediss')
        ? null
        : `has certificates for TLS, and spec.broker.url "${showUrl(url)}" is without; write "rediss…" there, or leave caSecret out`,
    cel: celRule(
      'broker.caSecret',
      `!has(self.broker.caSecret) || !has(${URL}) || !${URL}.startsWith("redis") || ${URL}.startsWith("rediss")`,
      'has certificates for TLS, and spec.broker.url begins with "{self.broker.url.split("://")[0]}://", so without; write "rediss…" there, or leave caSecret out',
    ),
  },
  {
    fields: ['pods.image', 'pods.template.spec.containers'],
    check: ({ pods: { image, template } }) => {
      const containers = template.spec?.containers;
      const other = Array.isArray(containers) ? containers.find(({ name }) => name === GATEWAY_CONTAINER)?.image : undefined;
      if (image === null || other === undefined) return null;
      return `"${image}" is the gateways' image, and so is "${other}" of the container "${GATEWAY_CONTAINER}" in spec.pods.template.spec; keep pods.image and leave the other out`;
    },
    cel: celRule(
      'pods.image',
      `!has(self.pods.image) || !has(${TEMPLATE}) || !has(${TEMPLATE}.containers) || !${TEMPLATE}.containers.exists(c, c.name == "${GATEWAY_CONTAINER}" && has(c.image))`,
      `"{self.pods.image}" is the gateways' image, and the container "${GATEWAY_CONTAINER}" in spec.pods.template.spec names one too; keep pods.image and leave the other out`,
    ),
  },
];
