import { fileURLToPath } from 'node:url';
import { GATEWAY_ENV } from '../../protocol/gateway-env.ts';

/** How the local fleet starts gateways: the module to run, Node's options, and what their environment has beside a ChatCluster's settings. */
export interface GatewayProcesses {
  readonly entry: string;
  readonly execArgv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Of our own variables a gateway inherits only these; all others are the fleet's to say. */
const INHERITED: readonly string[] = [
  GATEWAY_ENV.jwtSecretFile,
  GATEWAY_ENV.logLevel,
  GATEWAY_ENV.redisPassword,
  GATEWAY_ENV.redisSentinelUsername,
  GATEWAY_ENV.redisSentinelPassword,
  GATEWAY_ENV.redisCaFile,
  GATEWAY_ENV.redisCertFile,
  GATEWAY_ENV.redisKeyFile,
];
/** What goes well, the journal of decisions tells already. */
const LOG_LEVEL = 'warn';

/** Gateways of this very version. They meet at the broker behind `brokerSocket`, unless the cluster has a Redis. */
export function gatewayProcesses(brokerSocket: string, env: Readonly<Record<string, string | undefined>>): GatewayProcesses {
  const typescript = import.meta.url.endsWith('.ts');
  const inherited = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && (!entry[0].startsWith('CHATCLUSTER_') || INHERITED.includes(entry[0])),
  );
  return {
    entry: fileURLToPath(new URL(`../../gateway/main.${typescript ? 'ts' : 'js'}`, import.meta.url)),
    // Node before 24 calls running TypeScript experimental, in each process.
    execArgv: typescript ? ['--disable-warning=ExperimentalWarning'] : [],
    environment: { [GATEWAY_ENV.logLevel]: LOG_LEVEL, ...Object.fromEntries(inherited), [GATEWAY_ENV.broker]: `unix:${brokerSocket}` },
  };
}
