// Starts the CLI: what was built, in the published package; in a checkout the TypeScript itself, on a Node that runs it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'];
const source = new URL('../cli/main.ts', import.meta.url);
const built = new URL('../dist/cli/main.js', import.meta.url);

/**
 * @param {'chatcluster' | 'kubectl chatcluster'} program what people typed
 * @param {string} script the URL of the file in bin/ that was called
 */
export async function launch(program, script) {
  if (!existsSync(source)) await run(built, program);
  else if (runsTypeScript(process.versions.node)) await run(source, program);
  else runOnNewerNode(script);
}

/**
 * @param {URL} entry
 * @param {'chatcluster' | 'kubectl chatcluster'} program
 */
async function run(entry, program) {
  ignoreTypeStrippingWarning();
  const { main } = await import(entry.href);
  process.exitCode = await main(process.argv.slice(2), program);
}

/**
 * From 22.18 on, and of the line before 24 from 23.6 on.
 * @param {string} version
 */
function runsTypeScript(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 23 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18);
}

/**
 * The checkout brings the Node it needs (devDependency `node`); this one only passes signals to it, and its end on.
 * @param {string} script
 */
function runOnNewerNode(script) {
  const node = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));
  if (!existsSync(node)) {
    console.error(`Node ${process.versions.node} can't run this checkout: run "npm ci" first, or use Node 22.18 or newer.`);
    process.exit(1);
  }
  const child = spawn(node, [fileURLToPath(script), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`Node at ${node} can't be run: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    for (const passedOn of SIGNALS) process.removeAllListeners(passedOn);
    process.kill(process.pid, signal);
  });
}

/** Older versions of Node that can run TypeScript call that experimental, on stderr. */
function ignoreTypeStrippingWarning() {
  const { emitWarning } = process;
  process.emitWarning = (warning, ...rest) => {
    if (!String(warning).startsWith('Type Stripping is an experimental feature')) emitWarning.call(process, warning, ...rest);
  };
}
