import { writeFileSync } from 'node:fs';

/** Who a client is, and where the API server. */
export interface Client {
  readonly server: string;
  readonly caFile: string;
  readonly token: string;
  /** Default `default`. */
  readonly namespace?: string;
}

/** Writes the file that `KUBECONFIG` names, and answers its path. */
export function writeKubeconfig(file: string, { server, caFile, token, namespace = 'default' }: Client): string {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority': caFile } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', namespace } }],
    users: [{ name: 'test', user: { token } }],
  };
  writeFileSync(file, JSON.stringify(config, null, 2), { mode: 0o600 });
  return file;
}
