import { type Fields, fieldsOf } from './fields.ts';
import type { ClientMessage, Connect, ErrorMessage, Publish, ReadHistory, SendEvent, Subscribe } from './messages.ts';

/** What a client's text turned out to be. The error's message names each wrong field, its value and the remedy. */
export type ParseResult =
  | { readonly kind: 'message'; readonly message: ClientMessage }
  | { readonly kind: 'error'; readonly error: ErrorMessage };

/** Limits of names and ids, in UTF-16 code units, and of numbers. */
export const FIELD_LIMITS = {
  channel: 128,
  id: 128,
  name: 128,
  session: { min: 16, max: 256 },
  token: 16_384,
  presenceVersion: 128,
  clientText: 64,
} as const;

const PARSERS = {
  connect: parseConnect,
  subscribe: parseSubscribe,
  unsubscribe: (fields) => ({ type: 'unsubscribe', channel: channel(fields) }),
  publish: parsePublish,
  event: parseEvent,
  history: parseHistory,
  presence: (fields) => ({ type: 'presence', id: id(fields), channel: channel(fields) }),
  ping: () => ({ type: 'ping' }),
} as const satisfies { [T in ClientMessage['type']]: (fields: Fields) => ClientMessage };

const TYPES = Object.keys(PARSERS).join(', ');

/** Reads one client message from its JSON text. Fields that it doesn't know are ignored. */
export function parseClientMessage(text: string): ParseResult {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse(`The message is not JSON: ${shorten(text)}; send one JSON object in each message.`, {});
  }
  return parseClientValue(value);
}

/** Reads one client message that was already decoded from JSON. */
export function parseClientValue(value: unknown): ParseResult {
  const fields = fieldsOf(value);
  if (fields === null) return refuse(`The message is ${shorten(JSON.stringify(value))}; send a JSON object with a type.`, {});
  const type = fields.values.type;
  if (!isType(type)) return refuse(`type is ${shorten(JSON.stringify(type))}; give one of ${TYPES}.`, fields.values);
  const message = PARSERS[type](fields);
  if (fields.problems.length === 0) return { kind: 'message', message };
  return refuse(`${type}: ${fields.problems.join('; ')}.`, fields.values);
}

function isType(type: unknown): type is ClientMessage['type'] {
  return typeof type === 'string' && Object.hasOwn(PARSERS, type);
}

function channel(fields: Fields): string {
  return fields.text('channel', 1, FIELD_LIMITS.channel);
}

function id(fields: Fields): string {
  return fields.text('id', 1, FIELD_LIMITS.id);
}

function parseConnect(fields: Fields): Connect {
  const session = fields.text('session', FIELD_LIMITS.session.min, FIELD_LIMITS.session.max);
  const token = fields.optionalText('token', 1, FIELD_LIMITS.token);
  const name = fields.optionalText('name', 1, FIELD_LIMITS.name);
  const client = fields.inner('client');
  const cause = fields.optionalChoice('cause', ['new', 'reconnect', 'migrate']);
  const features = fields.optionalList('features');
  return {
    type: 'connect',
    session,
    ...(token === undefined ? null : { token }),
    ...(name === undefined ? null : { name }),
    ...(client === undefined
      ? null
      : { client: { name: client.text('name', 1, FIELD_LIMITS.clientText), version: client.text('version', 1, FIELD_LIMITS.clientText) } }),
    ...(cause === undefined ? null : { cause }),
    // A feature of a later version is not an error.
    ...(features === undefined ? null : { features: features.filter((feature) => feature === 'migrate') }),
  };
}

function parseSubscribe(fields: Fields): Subscribe {
  const name = channel(fields);
  const position = fields.optionalPosition('position');
  const presence = fields.optionalBoolean('presence');
  const presenceVersion = fields.optionalText('presenceVersion', 1, FIELD_LIMITS.presenceVersion);
  return {
    type: 'subscribe',
    channel: name,
    ...(position === undefined ? null : { position }),
    ...(presence === undefined ? null : { presence }),
    ...(presenceVersion === undefined ? null : { presenceVersion }),
  };
}

function parsePublish(fields: Fields): Publish {
  return { type: 'publish', channel: channel(fields), id: id(fields), data: fields.any('data') };
}

function parseEvent(fields: Fields): SendEvent {
  const data = fields.values.data;
  const name = fields.text('name', 1, FIELD_LIMITS.name);
  return { type: 'event', channel: channel(fields), name, ...(data === undefined ? null : { data }) };
}

function parseHistory(fields: Fields): ReadHistory {
  const before = fields.optionalCount('before');
  const limit = fields.optionalCount('limit');
  return {
    type: 'history',
    id: id(fields),
    channel: channel(fields),
    ...(before === undefined ? null : { before }),
    ...(limit === undefined ? null : { limit }),
  };
}

function refuse(message: string, { channel, id }: Record<string, unknown>): ParseResult {
  const error: ErrorMessage = {
    type: 'error',
    code: 'bad-message',
    message,
    retryable: false,
    ...(isName(channel, FIELD_LIMITS.channel) ? { channel } : null),
    ...(isName(id, FIELD_LIMITS.id) ? { id } : null),
  };
  return { kind: 'error', error };
}

function isName(value: unknown, max: number): value is string {
  return typeof value === 'string' && value !== '' && value.length <= max;
}

function shorten(text: string | undefined): string {
  if (text === undefined) return 'missing';
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}
