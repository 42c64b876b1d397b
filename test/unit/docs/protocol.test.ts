import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CLOSE_CODES } from '../../../protocol/close-codes.ts';
import type { ClientMessage, ConnectCause, ErrorCode, MigrateReason, ServerMessage } from '../../../protocol/messages.ts';
import { FIELD_LIMITS, parseClientMessage } from '../../../protocol/parse.ts';
import { POLL_PATH, SUBPROTOCOL, WEBSOCKET_PATH } from '../../../protocol/paths.ts';

const doc = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8');

// The compiler sees to it that none is missing here.
const CLIENT_TYPES = Object.keys({
  connect: 1,
  subscribe: 1,
  unsubscribe: 1,
  publish: 1,
  event: 1,
  history: 1,
  presence: 1,
  ping: 1,
} satisfies Record<ClientMessage['type'], 1>);
const SERVER_TYPES = Object.keys({
  connected: 1,
  subscribed: 1,
  unsubscribed: 1,
  message: 1,
  published: 1,
  event: 1,
  history: 1,
  presence: 1,
  join: 1,
  leave: 1,
  gap: 1,
  migrate: 1,
  degraded: 1,
  error: 1,
  pong: 1,
} satisfies Record<ServerMessage['type'], 1>);
const ERROR_CODES = Object.keys({
  'bad-message': 1,
  'not-connected': 1,
  unauthorized: 1,
  'too-many-channels': 1,
  'rate-limited': 1,
  unavailable: 1,
  internal: 1,
} satisfies Record<ErrorCode, 1>);
const CAUSES = Object.keys({ new: 1, reconnect: 1, migrate: 1 } satisfies Record<ConnectCause, 1>);
const REASONS = Object.keys({ drain: 1, shed: 1, cordoned: 1 } satisfies Record<MigrateReason, 1>);

/** The lines of all examples of one side. */
function examples(side: 'client' | 'server'): string[] {
  return [...doc.matchAll(new RegExp(`\`\`\`json ${side}\\n([^\`]+)\`\`\``, 'g'))].flatMap(([, lines = '']) => lines.trim().split('\n'));
}

const types = (lines: readonly string[]) => [...new Set(lines.map((line) => (JSON.parse(line) as { type: string }).type))];

test('every message has an example', () => {
  expect(types(examples('client')).sort()).toEqual(CLIENT_TYPES.sort());
  expect(types(examples('server')).sort()).toEqual(SERVER_TYPES.sort());
});

test.each(examples('client'))('a gateway understands %s', (line) => {
  const result = parseClientMessage(line);
  expect(result).toEqual({ kind: 'message', message: JSON.parse(line) });
});

test.each(ERROR_CODES)('the error %s is in the table', (code) => {
  expect(doc).toMatch(new RegExp(`^\\| \`${code}\` \\|`, 'm'));
});

test.each(Object.entries(CLOSE_CODES))('the close code %s is in the table with what the client does', (name, { code, action }) => {
  const does = { reconnect: 'reconnects', 'back-off': 'backs off', 'give-up': 'gives up' }[action];
  expect(doc).toContain(`| ${code} | \`${name}\` | ${does} |`);
});

test.each([
  SUBPROTOCOL,
  WEBSOCKET_PATH,
  POLL_PATH,
  ...CAUSES,
  ...REASONS,
  FIELD_LIMITS.token.toLocaleString('en'),
  String(FIELD_LIMITS.channel),
  `${FIELD_LIMITS.session.min} to ${FIELD_LIMITS.session.max}`,
])('%s is told', (text) => {
  expect(doc).toContain(text);
});

test('its own links lead somewhere', () => {
  const anchors = [...doc.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
  for (const [, anchor = ''] of doc.matchAll(/\]\(#([^)]+)\)/g)) expect(anchors).toContain(anchor);
});
