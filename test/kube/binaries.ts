import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { inPath } from '../servers/install.ts';

const run = promisify(execFile);

const TOOLS = join(import.meta.dirname, 'tools');
/** All of Kubernetes from nothing takes about ten minutes on two cores; another process may be doing it, for which we wait. */
const BUILD_TIMEOUT_MS = 2_400_000;
const LONGEST_REASON = 300;
const USUAL_GO = '/usr/local/go/bin/go';

/** Each program, by the Go module that pins its version (a folder of `tools`), its package, and the variables that its own build would set. */
const PROGRAMS = {
  'kube-apiserver': kubernetes('kube-apiserver'),
  'kube-controller-manager': kubernetes('kube-controller-manager'),
  'kube-scheduler': kubernetes('kube-scheduler'),
  kubectl: kubernetes('kubectl'),
  etcd: { module: 'etcd', package: 'go.etcd.io/etcd/server/v3', set: [] },
  helm: { module: 'helm', package: 'helm.sh/helm/v4/cmd/helm', set: [] },
  kubeconform: { module: 'kubeconform', package: 'github.com/yannh/kubeconform/cmd/kubeconform', set: [] },
  traefik: { module: 'traefik', package: 'github.com/traefik/traefik/v3/cmd/traefik', set: [] },
  'envoy-gateway': { module: 'envoy-gateway', package: 'github.com/envoyproxy/gateway/cmd/envoy-gateway', set: [] },
} as const satisfies Record<string, Program>;

interface Program {
  readonly module: string;
  readonly package: string;
  readonly set: readonly string[];
}

export type ProgramName = keyof typeof PROGRAMS;

const CONTROL_PLANE = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl'] as const;
const CHART_TOOLS = ['helm', 'kubeconform'] as const;
const INGRESS = ['traefik', 'envoy-gateway'] as const;

/** Paths of a control plane's programs and `kubectl`. Builds what is missing, which takes minutes; rejects with one line that says what to do. */
export function kubeBinaries(): Promise<Readonly<Record<(typeof CONTROL_PLANE)[number], string>>> {
  return paths(CONTROL_PLANE);
}

/** Paths of what checks and installs charts. Builds what is missing; rejects with one line that says what to do. */
export function chartTools(): Promise<Readonly<Record<(typeof CHART_TOOLS)[number], string>>> {
  return paths(CHART_TOOLS);
}

/** Paths of other people's controllers that lead clients to gateways. Builds what is missing, which takes minutes; rejects with one line that says what to do. */
export function ingressControllers(): Promise<Readonly<Record<(typeof INGRESS)[number], string>>> {
  return paths(INGRESS);
}

/** The folder of the Go module that a program is built from, for what else is in it: its CustomResourceDefinitions. */
export async function sourcesOf(name: ProgramName): Promise<string> {
  const { module, package: main } = PROGRAMS[name];
  const { stdout } = await run(goPath([name]), ['list', '-f', '{{.Module.Dir}}', main], {
    cwd: join(TOOLS, module),
    timeout: BUILD_TIMEOUT_MS,
  });
  return stdout.trim();
}

/** For vitest's `globalSetup`: all is built before any test's time runs. What is missing is told in one line; vitest would say that it found no test files. */
export async function setup(): Promise<void> {
  try {
    await paths([...CONTROL_PLANE, ...CHART_TOOLS]);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  }
}

function kubernetes(command: string): Program {
  const version = 'v1.36.3';
  const set = ['component-base/version', 'client-go/pkg/version'].map((of) => `-X k8s.io/${of}.gitVersion=${version}`);
  return { module: 'kubernetes', package: `k8s.io/kubernetes/cmd/${command}`, set };
}

async function paths<N extends ProgramName>(names: readonly N[]): Promise<Readonly<Record<N, string>>> {
  const missing = names.filter((name) => !existsSync(pathOf(name)));
  if (missing.length > 0) {
    const go = goPath(missing);
    // One after the other: each build uses all cores.
    for (const name of missing) await build(go, name, pathOf(name));
  }
  return Object.fromEntries(names.map((name) => [name, pathOf(name)])) as Record<N, string>;
}

function goPath(wanted: readonly string[]): string {
  const go = inPath('go') ?? (existsSync(USUAL_GO) ? USUAL_GO : undefined);
  if (go !== undefined) return go;
  throw new Error(
    `These tests need ${wanted.join(', ')}: set KUBEBUILDER_ASSETS to a folder that has them, or install Go (https://go.dev), which builds them.`,
  );
}

/** Where `KUBEBUILDER_ASSETS` says, else in the cache. */
function pathOf(name: ProgramName): string {
  const given = process.env.KUBEBUILDER_ASSETS;
  return given !== undefined && existsSync(join(given, name)) ? join(given, name) : join(cacheFolder(), name);
}

function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'chatcluster-kube', 'bin');
}

/** One build at a time on this machine; who comes second finds what the first one built. */
async function build(go: string, name: ProgramName, path: string): Promise<void> {
  const { module, package: main, set } = PROGRAMS[name];
  mkdirSync(dirname(path), { recursive: true });
  const script = 'test -x "$1" || { "$2" build -o "$1.new" -ldflags "$3" "$4" && mv "$1.new" "$1"; }';
  const flock = inPath('flock');
  const locked = flock === undefined ? [] : [flock, join(dirname(path), '.lock')];
  const [command = 'sh', ...args] = [...locked, 'sh', '-c', script, 'sh', path, go, ['-s', '-w', ...set].join(' '), main];
  console.error(`Building ${name} for the tests, once, into ${dirname(path)} (this may take minutes) …`);
  try {
    await run(command, args, { cwd: join(TOOLS, module), timeout: BUILD_TIMEOUT_MS, maxBuffer: 64 * 1_024 * 1_024 });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() || error.message : String(error);
    throw new Error(`Go could not build ${name} (in ${join(TOOLS, module)}): ${said.slice(-LONGEST_REASON).replaceAll('\n', ' ')}`);
  }
}
