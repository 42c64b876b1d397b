import { parseDuration } from './duration.ts';
import { parseQuantity } from './quantity.ts';
import type { ResourceSpec } from './resource.ts';
import type { GatewayFigure, MetricSpec, MetricTarget, PrometheusSpec } from './spec.ts';

type Written = ResourceSpec['scaling']['metrics'][number];
type Gateway = Pick<ResourceSpec['gateway'], 'connectionsPerGateway' | 'acceptRatePerSecond'>;

/** A metric as the operator works with it, once it is known to be right. `gateway`: what one gateway can do. */
export function resolveMetric(written: Written, gateway: Gateway): MetricSpec {
  const name = written.name ?? written.type;
  if (written.type !== 'Prometheus')
    return { name, source: { kind: 'gateways', figure: written.type }, target: targetOf(written.target, fullOf(written.type, gateway)) };
  if (written.prometheus === undefined) throw new Error(`the metric ${name} has no query`);
  return { name, source: { kind: 'prometheus', prometheus: resolveQuery(written.prometheus) }, target: targetOf(written.target, null) };
}

function targetOf(written: Written['target'], full: number | null): MetricTarget {
  switch (written.type) {
    case 'Utilization':
      return { kind: 'per-gateway', value: ((full ?? 0) * (written.averageUtilization ?? 0)) / 100, full };
    case 'AverageValue':
      return { kind: 'per-gateway', value: parseQuantity(written.averageValue ?? 0) ?? 0, full };
    case 'Value':
      return { kind: 'total', value: parseQuantity(written.value ?? 0) ?? 0 };
  }
}

/** What a gateway has that is fully used. One process runs JavaScript on one core. */
function fullOf(figure: GatewayFigure, gateway: Gateway): number | null {
  switch (figure) {
    case 'Connections':
      return gateway.connectionsPerGateway;
    case 'AcceptRate':
      return gateway.acceptRatePerSecond;
    case 'Cpu':
      return 1;
    case 'MessageRate':
    case 'EventLoopDelay':
      return null;
  }
}

function resolveQuery(written: NonNullable<Written['prometheus']>): PrometheusSpec {
  return {
    serverAddress: written.serverAddress.replace(/\/+$/, ''),
    query: written.query,
    intervalMs: parseDuration(written.interval) ?? 0,
    timeoutMs: parseDuration(written.timeout) ?? 0,
    maxSampleAgeMs: parseDuration(written.maxSampleAge) ?? 0,
    measures: written.measures ?? null,
    caSecret: written.tls?.caSecret ?? null,
    insecureSkipVerify: written.tls?.insecureSkipVerify ?? false,
    login: loginOf(written),
  };
}

function loginOf({ bearerTokenSecret, basicAuthSecret }: NonNullable<Written['prometheus']>): PrometheusSpec['login'] {
  if (bearerTokenSecret !== undefined) return { kind: 'bearer', secret: bearerTokenSecret };
  return basicAuthSecret === undefined ? { kind: 'none' } : { kind: 'basic', secret: basicAuthSecret.name };
}
