import { formatDuration } from '../duration.ts';
import { GRACE_MARGIN_SECONDS, gracePeriodSeconds } from '../grace-period.ts';
import { celMs, celRule, celUnreadable, type Rule, roundedUp } from './rule.ts';

const TIMEOUT = 'self.drain.timeout';
const PACE = 'self.drain.maxConnectionsPerSecond';
const ACCEPT = 'self.gateway.acceptRatePerSecond';
const CAPACITY = 'self.gateway.connectionsPerGateway';

/** In CEL: a full gateway is empty in time at this pace; the seconds that it takes; the pace that would do. */
const fits = (pace: string) => `${celUnreadable(TIMEOUT)} || ${CAPACITY} * 1000 <= ${celMs(TIMEOUT)} * ${pace}`;
const takes = (pace: string) => `{(${CAPACITY} + ${pace} - 1) / ${pace}}s`;
const wanted = `{(${CAPACITY} * 1000 + ${celMs(TIMEOUT)} - 1) / ${celMs(TIMEOUT)}}`;

const TEMPLATE_SPEC = 'self.pods.template.spec';
const GRACE = `${TEMPLATE_SPEC}.terminationGracePeriodSeconds`;
const LEAST_GRACE = `(${celMs(TIMEOUT)} + 999) / 1000 + ${GRACE_MARGIN_SECONDS}`;

export const DRAIN_RULES: readonly Rule[] = [
  {
    fields: ['drain.timeout', 'drain.maxConnectionsPerSecond', 'gateway.connectionsPerGateway'],
    check: ({ drain, gateway }) => {
      if (gateway.connectionsPerGateway * 1_000 <= drain.timeoutMs * drain.maxConnectionsPerSecond) return null;
      const needed = roundedUp((gateway.connectionsPerGateway / drain.maxConnectionsPerSecond) * 1_000);
      const rate = Math.ceil((gateway.connectionsPerGateway / drain.timeoutMs) * 1_000);
      return `"${formatDuration(drain.timeoutMs)}" is too short to drain a full gateway: spec.gateway.connectionsPerGateway ${gateway.connectionsPerGateway} at spec.drain.maxConnectionsPerSecond ${drain.maxConnectionsPerSecond} takes ${needed}; raise it to at least "${needed}" or raise maxConnectionsPerSecond to at least ${rate}`;
    },
    cel: celRule(
      'drain.timeout',
      fits(PACE),
      `"{${TIMEOUT}}" is too short to drain a full gateway: spec.gateway.connectionsPerGateway {${CAPACITY}} at spec.drain.maxConnectionsPerSecond {${PACE}} takes ${takes(PACE)}; raise it to at least "${takes(PACE)}" or raise maxConnectionsPerSecond to at least ${wanted}`,
    ),
  },
  {
    fields: ['drain.timeout', 'gateway.acceptRatePerSecond', 'gateway.connectionsPerGateway'],
    check: ({ drain, gateway }) => {
      if (gateway.connectionsPerGateway * 1_000 <= drain.timeoutMs * gateway.acceptRatePerSecond) return null;
      const needed = roundedUp((gateway.connectionsPerGateway / gateway.acceptRatePerSecond) * 1_000);
      const rate = Math.ceil((gateway.connectionsPerGateway / drain.timeoutMs) * 1_000);
      return `"${formatDuration(drain.timeoutMs)}" is too short to drain a full gateway into one other: it admits spec.gateway.acceptRatePerSecond ${gateway.acceptRatePerSecond}, so ${gateway.connectionsPerGateway} connections take ${needed}; raise it to at least "${needed}" or raise acceptRatePerSecond to at least ${rate}`;
    },
    cel: celRule(
      'drain.timeout',
      fits(ACCEPT),
      `"{${TIMEOUT}}" is too short to drain a full gateway into one other: it admits spec.gateway.acceptRatePerSecond {${ACCEPT}}, so {${CAPACITY}} connections take ${takes(ACCEPT)}; raise it to at least "${takes(ACCEPT)}" or raise acceptRatePerSecond to at least ${wanted}`,
    ),
  },
  {
    fields: ['pods.template.spec.terminationGracePeriodSeconds', 'drain.timeout'],
    check: ({ pods, drain }) => {
      const given = pods.template.spec?.terminationGracePeriodSeconds;
      const least = gracePeriodSeconds(drain.timeoutMs);
      if (typeof given !== 'number' || given >= least) return null;
      return `${given} is shorter than a drain with spec.drain.timeout "${formatDuration(drain.timeoutMs)}", so its Pod would be killed with connections; raise it to at least ${least}, or leave it out: it is that then`;
    },
    cel: celRule(
      'pods.template.spec.terminationGracePeriodSeconds',
      `!has(${TEMPLATE_SPEC}) || !has(${GRACE}) || ${celUnreadable(TIMEOUT)} || ${GRACE} >= ${LEAST_GRACE}`,
      `{${GRACE}} is shorter than a drain with spec.drain.timeout "{${TIMEOUT}}", so its Pod would be killed with connections; raise it to at least {${LEAST_GRACE}}, or leave it out: it is that then`,
    ),
  },
];
