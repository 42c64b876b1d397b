import { MANAGER } from './api/names.ts';
import { SERVICE_ACCOUNT_FOLDER } from './kube/service-account.ts';
import { type Kind, namespaces, oneOf, text, wholeNumber } from './setting-kinds.ts';

/** What the operator's process runs by: parsed and checked, times in ms. */
export interface OperatorSettings {
  /** Those whose ChatClusters are its business; `null`: all. */
  readonly namespaces: readonly string[] | null;
  /** Empty: the one that the operator runs in, or that of the kubeconfig's context. */
  readonly leaseNamespace: string;
  readonly leaseName: string;
  readonly leaseDurationMs: number;
  /** Names this process in the Lease and in Events. */
  readonly identity: string;
  /** Of gateways whose ChatCluster names none. */
  readonly gatewayImage: string;
  readonly httpHost: string;
  readonly httpPort: number;
  /** Empty: KUBECONFIG, then the service account of the Pod, then ~/.kube/config. */
  readonly kubeconfig: string;
  /** Where the files of the Pod's service account are. */
  readonly serviceAccountFolder: string;
  /** Empty: the current one of the kubeconfig. */
  readonly context: string;
  readonly logLevel: string;
}

type Key = keyof OperatorSettings;

interface Definition<V> {
  readonly env: string;
  readonly kind: Kind<V>;
  readonly description: string;
  /** As a person would write it; `null`: it must be given. Empty: nothing, which the kind isn't asked about. */
  readonly default: string | null;
}

const DNS_NAME = /^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/;
const anything = text(/^/, '');

const DEFINITIONS: { readonly [K in Key]: Definition<OperatorSettings[K]> } = {
  namespaces: {
    env: 'CHATCLUSTER_NAMESPACES',
    kind: namespaces,
    description: 'The namespaces whose ChatClusters it looks after, with commas between; * for all.',
    default: '*',
  },
  leaseNamespace: {
    env: 'CHATCLUSTER_LEASE_NAMESPACE',
    kind: text(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'give the name of a namespace, such as the one that the operator runs in'),
    description:
      "Where its Lease is: of several operators only the one that holds it acts. Left out: the Pod's namespace, else that of the kubeconfig's context.",
    default: '',
  },
  leaseName: {
    env: 'CHATCLUSTER_LEASE_NAME',
    kind: text(DNS_NAME, 'give small letters, digits and dashes, such as "chatcluster-operator"'),
    description: 'The name of the Lease. Operators with the same namespaces must have the same.',
    default: MANAGER,
  },
  leaseDurationMs: {
    env: 'CHATCLUSTER_LEASE_DURATION_MS',
    kind: wholeNumber(3_000, 300_000),
    description: 'How long after its last sign of life another operator takes over, ms.',
    default: '15000',
  },
  identity: {
    env: 'CHATCLUSTER_IDENTITY',
    kind: text(/^[\x21-\x7e]{1,128}$/, 'give at most 128 printable characters without spaces'),
    description: 'Its name in the Lease and in Events, unique among the operators. Left out: the host and a random part.',
    default: '',
  },
  gatewayImage: {
    env: 'CHATCLUSTER_GATEWAY_IMAGE',
    kind: text(/^\S{1,500}$/, 'give the reference of an image, such as "registry.example.com/chatcluster:1.0"'),
    description: 'The image of gateways whose ChatCluster names none in spec.pods.image.',
    default: null,
  },
  httpHost: { env: 'CHATCLUSTER_HTTP_HOST', kind: anything, description: 'Address of the port below.', default: '0.0.0.0' },
  httpPort: {
    env: 'CHATCLUSTER_HTTP_PORT',
    kind: wholeNumber(0, 65_535),
    description: 'Port for /healthz, /readyz and /metrics; 0 lets the system choose.',
    default: '9091',
  },
  kubeconfig: {
    env: 'CHATCLUSTER_KUBECONFIG',
    kind: anything,
    description:
      'A kubeconfig. Left out: $KUBECONFIG, else the service account of the Pod, else ~/.kube/config. It needs Node 22.19 or newer.',
    default: '',
  },
  serviceAccountFolder: {
    env: 'CHATCLUSTER_SERVICE_ACCOUNT_FOLDER',
    kind: anything,
    description: "The folder with the Pod's token, ca.crt and namespace.",
    default: SERVICE_ACCOUNT_FOLDER,
  },
  context: {
    env: 'CHATCLUSTER_CONTEXT',
    kind: anything,
    description: 'The context of the kubeconfig. Left out: its current one.',
    default: '',
  },
  logLevel: {
    env: 'CHATCLUSTER_LOG_LEVEL',
    kind: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    description: 'What is logged: trace, debug, info, warn, error, fatal or silent.',
    default: 'info',
  },
};

/** One setting as `chatcluster operator --help` lists it. */
export interface SettingInfo {
  readonly key: Key;
  readonly env: string;
  /** `--lease-name`, which option parsers turn into the key. */
  readonly flag: string;
  readonly description: string;
  readonly default: string | null;
}

/** Every setting, in the order in which help lists them. */
export const OPERATOR_SETTINGS: readonly SettingInfo[] = (Object.keys(DEFINITIONS) as Key[]).map((key) => ({
  key,
  env: DEFINITIONS[key].env,
  flag: `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
  description: DEFINITIONS[key].description,
  default: DEFINITIONS[key].default,
}));

/** Settings, or everything that is wrong with them: a line each, which names the variable or flag, the value and the remedy. */
export type SettingsResult =
  | { readonly kind: 'settings'; readonly settings: OperatorSettings }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

/** Reads the settings from the environment; `flags` (by key) win over it. What is empty counts as not given; `fallbackIdentity` names a process that got no name. */
export function parseOperatorSettings(
  env: Readonly<Record<string, string | undefined>>,
  flags: Readonly<Partial<Record<Key, string | undefined>>>,
  fallbackIdentity: string,
): SettingsResult {
  const problems: string[] = [];
  const settings: Partial<Record<Key, unknown>> = {};
  for (const { key, env: variable, flag, default: preset } of OPERATOR_SETTINGS) {
    const given = flags[key] || env[variable] || preset;
    const name = flags[key] ? flag : variable;
    if (given === '') {
      settings[key] = '';
      continue;
    }
    const read = DEFINITIONS[key].kind(given ?? '');
    if (read.kind === 'value') settings[key] = read.value;
    else problems.push(given === null ? `${variable} is missing; ${read.remedy}.` : `${name} is "${given}"; ${read.remedy}.`);
  }
  if (problems.length > 0) return { kind: 'invalid', problems };
  if (settings.identity === '') settings.identity = fallbackIdentity;
  return { kind: 'settings', settings: settings as unknown as OperatorSettings };
}
