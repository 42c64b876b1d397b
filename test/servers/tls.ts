import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { opensslPath } from './install.ts';

const run = promisify(execFile);

/** Files of a certificate that signs itself, so that it is its own authority too. */
export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
  /** PEM: what a client must trust. */
  readonly ca: string;
}

/** Makes a certificate for `localhost` and these addresses, good for a week. */
export async function makeCertificate(folder: string, addresses: readonly string[]): Promise<Certificate> {
  const certFile = join(folder, 'server.crt');
  const keyFile = join(folder, 'server.key');
  const names = ['DNS:localhost', ...new Set(addresses.map((address) => `IP:${address}`))].join(',');
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile];
  const certificate = ['-x509', '-days', '7', '-subj', '/CN=chatcluster-test', '-addext', `subjectAltName=${names}`, '-out', certFile];
  await run(await opensslPath(), ['req', ...key, ...certificate]);
  return { certFile, keyFile, ca: readFileSync(certFile, 'utf8') };
}
