import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { stripTypes } from './strip-types.ts';

/** Where a path of the pages comes from: files to try one after the other, and what it is. */
interface Source {
  readonly files: readonly URL[];
  readonly type: string;
}

/** A body that is ready to be sent, with the headers that depend on it. */
interface Page {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

const HERE = new URL('./', import.meta.url);
const ROOT = new URL('../', HERE);
const SCRIPT = 'text/javascript; charset=utf-8';
const HTML = 'text/html; charset=utf-8';
const CSS = 'text/css; charset=utf-8';
const UPLOT = pathToFileURL(createRequire(import.meta.url).resolve('uplot/dist/uPlot.esm.js'));

const FIXED: Readonly<Record<string, Source>> = {
  '/': { files: [new URL('chat.html', HERE)], type: HTML },
  '/dashboard': { files: [new URL('dashboard.html', HERE)], type: HTML },
  '/favicon.ico': { files: [new URL('icon.svg', HERE)], type: 'image/svg+xml' },
  '/pages/icon.svg': { files: [new URL('icon.svg', HERE)], type: 'image/svg+xml' },
  '/vendor/uplot.js': { files: [UPLOT], type: SCRIPT },
  '/vendor/uplot.css': { files: [new URL('./uPlot.min.css', UPLOT)], type: CSS },
};
/** Plain names only: no dot but the one of the ending, so that no path leads out of these folders. */
const MODULE = /^\/((?:client|protocol|pages)(?:\/[\w-]+)+)\.(?:js|ts)$/;
const STYLE = /^\/pages\/([\w-]+)\.css$/;
const OURS = /^\/(?:client|protocol|pages|vendor)\//;

const cache = new Map<string, Promise<Page | null>>();

/**
 * Answers a request for the chat (`/`), the dashboard (`/dashboard`) or what these load; false when the path is none of
 * them and nothing was answered. Modules come as built, or in a checkout from their TypeScript with the types stripped.
 */
export function servePages(req: IncomingMessage, res: ServerResponse): boolean {
  const path = new URL(req.url ?? '/', 'http://localhost').pathname;
  const source = sourceOf(path);
  if (source === null && !OURS.test(path)) return false;
  // The parent hands each connection to whom its first request is for: one that goes on would miss the gateways.
  res.setHeader('Connection', 'close');
  res.setHeader('X-Content-Type-Options', 'nosniff');
  if (req.method !== 'GET' && req.method !== 'HEAD') {
    res.writeHead(405, { Allow: 'GET, HEAD' }).end();
    return true;
  }
  void answer(path, source, req, res);
  return true;
}

async function answer(path: string, source: Source | null, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const page = source === null ? null : await cached(path, source);
  if (page === null) {
    res.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('There is no such page.\n');
    return;
  }
  const { body, headers } = page;
  if (req.headers['if-none-match'] === headers.ETag) res.writeHead(304, headers).end();
  else res.writeHead(200, { ...headers, 'Content-Length': body.length }).end(req.method === 'HEAD' ? undefined : body);
}

function sourceOf(path: string): Source | null {
  const fixed = Object.hasOwn(FIXED, path) ? FIXED[path] : undefined;
  if (fixed !== undefined) return fixed;
  const style = STYLE.exec(path)?.[1];
  if (style !== undefined) return { files: [new URL(`${style}.css`, HERE)], type: CSS };
  const module = MODULE.exec(path)?.[1];
  if (module !== undefined) return { files: [new URL(`${module}.js`, ROOT), new URL(`${module}.ts`, ROOT)], type: SCRIPT };
  return null;
}

/** Files don't change while they are served, so each is read and stripped once. What was not found is looked for again. */
async function cached(path: string, source: Source): Promise<Page | null> {
  let page = cache.get(path);
  if (page === undefined) {
    page = load(source);
    cache.set(path, page);
  }
  const result = await page;
  if (result === null) cache.delete(path);
  return result;
}

async function load({ files, type }: Source): Promise<Page | null> {
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => null);
    if (text === null) continue;
    const body = Buffer.from(file.pathname.endsWith('.ts') ? stripTypes(text) : text);
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    const headers = { 'Content-Type': type, 'Cache-Control': 'no-cache', ETag: etag };
    return { body, headers: type === HTML ? { ...headers, ...pageHeaders(text) } : headers };
  }
  return null;
}

/** What a page may load and do: only what is ours, and its import map, which is part of it. */
function pageHeaders(html: string): Record<string, string> {
  const maps = [...html.matchAll(/<script type="importmap">([\s\S]*?)<\/script>/g)];
  const hashes = maps.map(([, map = '']) => ` 'sha256-${createHash('sha256').update(map).digest('base64')}'`);
  return {
    'Content-Security-Policy': `default-src 'self'; script-src 'self'${hashes.join('')}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'`,
    'Referrer-Policy': 'no-referrer',
  };
}
