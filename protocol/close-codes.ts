/** What a client does after a close, and nothing else decides it. */
export type CloseAction =
  /** Connect again after a random wait (the first one within the spread that `connected` named), then resume. */
  | 'reconnect'
  /** Connect again, but not before `retryAfterMs` of the close reason (JSON), or else the back-off's next step. */
  | 'back-off'
  /** Don't connect again: it would end the same way. Tell the application. */
  | 'give-up';

/** Every WebSocket close code that a gateway sends or a client may see, by what the client must do. */
export const CLOSE_CODES = {
  normal: { code: 1000, action: 'give-up', meaning: 'The client closed the connection itself.' },
  goingAway: { code: 1001, action: 'reconnect', meaning: 'The gateway, or a proxy before it, stops.' },
  noStatus: { code: 1005, action: 'reconnect', meaning: 'Closed without a code.' },
  abnormal: { code: 1006, action: 'reconnect', meaning: 'The connection broke without a close frame.' },
  serviceRestart: { code: 1012, action: 'reconnect', meaning: 'The gateway drains and the deadline to move is over.' },
  slowConsumer: {
    code: 4001,
    action: 'reconnect',
    meaning: 'The client reads too slowly and its queue is full; it resumes from its position.',
  },
  heartbeatLost: { code: 4002, action: 'reconnect', meaning: 'The other side answered no heartbeat.' },
  tryAgainLater: { code: 1013, action: 'back-off', meaning: 'The gateway takes no connection now; the close reason carries retryAfterMs.' },
  internalError: { code: 1011, action: 'back-off', meaning: 'The gateway failed in a way it did not expect.' },
  protocolError: { code: 1002, action: 'give-up', meaning: 'A frame broke the WebSocket protocol.' },
  notText: { code: 1003, action: 'give-up', meaning: 'A binary frame, where messages are JSON text.' },
  messageTooBig: { code: 1009, action: 'give-up', meaning: 'A client message is larger than limits.messageBytes.' },
  badMessage: { code: 4400, action: 'give-up', meaning: 'The first message is no valid connect, or too many messages could not be read.' },
  unauthorized: { code: 4401, action: 'give-up', meaning: 'The token is missing, expired or not valid: get a new one, then connect.' },
} as const satisfies Record<string, { code: number; action: CloseAction; meaning: string }>;

const actions = new Map<number, CloseAction>(Object.values(CLOSE_CODES).map(({ code, action }) => [code, action]));

/** What a client does after a connection closed with `code`; an unknown code means back-off. */
export function closeAction(code: number): CloseAction {
  return actions.get(code) ?? 'back-off';
}
