import type { Certificate } from '../tls.ts';

/** What of its data a server finds again after it ended: nothing, all but the last second, all it answered for, or the last snapshot. */
export type Persistence = 'none' | 'aof-everysec' | 'aof-always' | 'rdb';

/** Who may connect. */
export interface Access {
  /** Of the user `default`. */
  readonly password?: string;
  /** Further users as ACL rules, e.g. `gateway on >secret ~chat:* &chat:* +@all`. */
  readonly users?: readonly string[];
}

const PERSISTENCE: Record<Persistence, readonly string[]> = {
  none: ['save ""', 'appendonly no'],
  'aof-everysec': ['save ""', 'appendonly yes', 'appendfsync everysec'],
  'aof-always': ['save ""', 'appendonly yes', 'appendfsync always'],
  rdb: ['save 1 1', 'appendonly no'],
};

/** Where a server listens. */
export interface Listening {
  readonly host: string;
  readonly port: number;
  readonly certificate?: Certificate | undefined;
}

/** The lines of a configuration file that say where a server listens, on plain TCP or on TLS alone. */
export function listening({ host, port, certificate }: Listening): readonly string[] {
  const common = [`bind ${host}`, 'protected-mode no', 'daemonize no'];
  if (certificate === undefined) return [...common, `port ${port}`];
  const files = [
    `tls-cert-file ${certificate.certFile}`,
    `tls-key-file ${certificate.keyFile}`,
    `tls-ca-cert-file ${certificate.certFile}`,
  ];
  return [...common, 'port 0', `tls-port ${port}`, ...files, 'tls-auth-clients no', 'tls-replication yes', 'tls-cluster yes'];
}

/** The lines for persistence. A server that is stopped doesn't wait for its replicas. */
export function storing(folder: string, persistence: Persistence): readonly string[] {
  return [`dir ${folder}`, ...PERSISTENCE[persistence], 'shutdown-timeout 0'];
}

/** The lines for who may connect; `aclFile` is used only when there are users, who are then kept there. */
export function accessLines({ password, users = [] }: Access, aclFile: string): readonly string[] {
  const replication = password === undefined ? [] : [`masterauth ${password}`];
  if (users.length > 0) return [...replication, `aclfile ${aclFile}`];
  return password === undefined ? [] : [...replication, `requirepass ${password}`];
}

/** The lines of an ACL file: the user `default`, who may do all, and the others. */
export function aclLines({ password, users = [] }: Access): readonly string[] {
  return [`user default on ${password === undefined ? 'nopass' : `>${password}`} ~* &* +@all`, ...users.map((user) => `user ${user}`)];
}

/** Settings by name; an empty value is written as such. */
export function settingLines(config: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(config).map(([name, value]) => `${name} ${value === '' ? '""' : value}`);
}
