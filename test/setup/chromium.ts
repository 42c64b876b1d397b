import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** No background traffic, no GPU; no sandbox, since tests may run as root and load only our own pages. */
const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The system's Chromium, started. Installs it where that is allowed (root, with apt); else says what is missing. */
export async function startChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium() ?? installChromium(), args: ARGS });
}

function findChromium(): string | undefined {
  return PATHS.find((path) => existsSync(path));
}

function installChromium(): string {
  const mayInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  if (!mayInstall) throw new Error(`The browser tests need Chromium at one of ${PATHS.join(', ')}: install the package "chromium".`);
  const options = { stdio: 'pipe', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, timeout: 300_000 } as const;
  execFileSync('apt-get', ['update', '-qq'], options);
  execFileSync('apt-get', ['install', '-y', '-qq', 'chromium'], options);
  const path = findChromium();
  if (path === undefined) throw new Error('apt-get installed the package "chromium", but there is no Chromium in /usr/bin.');
  return path;
}
