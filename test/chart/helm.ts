import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { chartTools } from '../kube/binaries.ts';
import { makeFolder } from '../servers/leftovers.ts';

const run = promisify(execFile);

export const ROOT = join(import.meta.dirname, '../..');
export const CHART = join(ROOT, 'charts/chatcluster');

/** What of a rendered object tests read; the rest is there too. */
export interface Rendered {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

export type Values = Readonly<Record<string, unknown>>;

/** `helm` said no; the message is what it said. */
export class HelmFailure extends Error {}

/** Runs `helm` with no configuration but what is given, and answers what it printed; rejects with a `HelmFailure`. */
export async function helm(args: readonly string[], kubeconfig?: string): Promise<string> {
  const { helm: program } = await chartTools();
  const home = makeFolder('helm');
  const env = { PATH: process.env.PATH, HOME: home, KUBECONFIG: kubeconfig ?? join(home, 'none') };
  try {
    const { stdout } = await run(program, [...args], { env, maxBuffer: 64 * 1_024 * 1_024 });
    return stdout;
  } catch (error) {
    throw new HelmFailure(error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error));
  }
}

/** A file with these values, for `--values`. */
export function valuesFile(values: Values): string {
  const file = join(makeFolder('values'), 'values.json');
  writeFileSync(file, JSON.stringify(values));
  return file;
}

/** What the chart makes of values, hooks too: as the release `demo` in the namespace `chat-system`. */
export async function render(values: Values): Promise<readonly Rendered[]> {
  const args = ['template', 'demo', CHART, '--namespace', 'chat-system', '--values', valuesFile(values), '--kube-version', '1.36.0'];
  return objectsIn(await helm(args));
}

/** The objects in a text of YAML documents. Throws when one can't be read. */
export function objectsIn(text: string): readonly Rendered[] {
  return parseAllDocuments(text).flatMap((document) => {
    if (document.errors[0] !== undefined) throw document.errors[0];
    const object: unknown = document.toJS();
    return object === null ? [] : [object as Rendered];
  });
}
