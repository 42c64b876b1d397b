import type { Publish, ReadHistory, ReadPresence, SendEvent } from '../../protocol/messages.ts';
import { BrokerUnavailable, type EphemeralEvent, type NewMessage } from '../broker/broker.ts';
import { messageText } from '../channels/encode.ts';
import { refusal, say } from './say.ts';
import type { Session } from './session.ts';

const PAGE_MESSAGES = 50;
const MAX_PAGE_MESSAGES = 100;

/** Stores the message, and says where. Publishes of one session reach the broker in the order in which they came. */
export function publish(session: Session, { channel, id, data }: Publish): void {
  const { broker, counters, publishLatency, now } = session.context;
  const { member, name } = session.identity;
  const text = JSON.stringify(data);
  const message: NewMessage = name === undefined ? { id, member, data: text } : { id, member, name, data: text };
  session.asked();
  const askedAt = now();
  broker.publish(channel, message).then(
    ({ position, duplicate }) => {
      counters.published++;
      publishLatency.record(now() - askedAt);
      session.answer(say({ type: 'published', channel, id, position, ...(duplicate ? { duplicate } : null) }));
    },
    (error: unknown) => fail(session, error, { channel, id }),
  );
}

/** Sends an ephemeral event to those who listen now, and says nothing of it. */
export function sendEvent(session: Session, { channel, name, data }: SendEvent): void {
  const { member } = session.identity;
  const event: EphemeralEvent = data === undefined ? { member, name } : { member, name, data: JSON.stringify(data) };
  session.context.broker.sendEvent(channel, event);
}

/** Says a page of stored messages. */
export function answerHistory(session: Session, { id, channel, before, limit }: ReadHistory): void {
  session.asked();
  session.context.broker.page(channel, before ?? null, Math.min(limit ?? PAGE_MESSAGES, MAX_PAGE_MESSAGES)).then(
    ({ messages, more }) => {
      const texts = messages.map((message) => messageText(channel, message));
      const about = `"id":${JSON.stringify(id)},"channel":${JSON.stringify(channel)}`;
      session.answer(`{"type":"history",${about},"messages":[${texts.join(',')}],"more":${more}}`);
    },
    (error: unknown) => fail(session, error, { channel, id }),
  );
}

/** Says who is in a channel. */
export function answerPresence(session: Session, { id, channel }: ReadPresence): void {
  session.asked();
  session.context.broker.presence(channel).then(
    ({ version, members }) => session.answer(say({ type: 'presence', id, channel, version, members })),
    (error: unknown) => fail(session, error, { channel, id }),
  );
}

function fail(session: Session, error: unknown, about: { readonly channel: string; readonly id: string }): void {
  if (error instanceof BrokerUnavailable) {
    session.answer(say(session.unavailable(about)));
    return;
  }
  session.context.log.error({ err: error, channel: about.channel }, 'the broker failed');
  session.answer(say(refusal('internal', 'The gateway failed; its log says more.', about)));
}
