import type { Connected, Degraded, ErrorMessage, Migrate, ServerMessage } from '../protocol/messages.ts';
import type { Channels } from './channels.ts';
import type { Connection } from './connection.ts';
import type { Retirement } from './retirement.ts';
import type { Speech } from './speech.ts';

/** Who hears what a gateway says. */
export interface AnswersTo {
  readonly channels: Channels;
  readonly speech: Speech;
  readonly retirement: Retirement;
  /** What concerns the connection itself. */
  connected(connection: Connection, message: Connected): void;
  migrate(connection: Connection, message: Migrate): void;
  degraded(connection: Connection, message: Degraded): void;
  /** An error that is for nobody in particular. */
  error(error: ErrorMessage): void;
}

/** Gives a gateway's message to whom it is for. */
export function hand(connection: Connection, message: ServerMessage, to: AnswersTo): void {
  switch (message.type) {
    case 'connected':
      to.connected(connection, message);
      break;
    case 'published':
      to.speech.published(message);
      to.retirement.answered(message.id);
      break;
    case 'history':
      to.speech.answered(message);
      to.retirement.answered(message.id);
      break;
    case 'presence':
      if (message.id === undefined) {
        to.channels.hear(connection, message);
      } else {
        to.speech.answered(message);
        to.retirement.answered(message.id);
      }
      break;
    case 'migrate':
      to.migrate(connection, message);
      break;
    case 'degraded':
      to.degraded(connection, message);
      break;
    case 'error':
      refused(connection, message, to);
      break;
    default:
      to.channels.hear(connection, message);
  }
}

function refused(connection: Connection, error: ErrorMessage, { speech, retirement, channels, error: tell }: AnswersTo): void {
  const { id, channel } = error;
  if (id !== undefined) {
    speech.refused(connection, id, error);
    if (!error.retryable) retirement.answered(id);
  } else if (channel === undefined || !channels.refused(connection, channel, error)) tell(error);
}
