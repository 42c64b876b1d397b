import { checkAcknowledged } from './acknowledged.ts';
import { checkAgreement } from './agreement.ts';
import { type Books, openBooks, type Participant } from './books.ts';
import { checkEnd } from './ends.ts';
import { checkFinalHistory } from './final-history.ts';
import type { LogEvent } from './log.ts';
import { follow } from './order.ts';
import { checkPublisher } from './publishers.ts';
import { checkRepeats } from './repeats.ts';
import { type ChannelLog, sortByChannel } from './sort.ts';
import { checkStoredOnce } from './stored-once.ts';
import { checkStrays } from './strays.ts';
import { Tally } from './tally.ts';
import type { Readers } from './told.ts';
import type { CheckOptions, Counts, Verdict } from './verdict.ts';

/** The most violations of one kind that are kept with their events, unless the options say otherwise. */
const EXAMPLES = 5;

/**
 * Decides whether D1–D4 held in what a log shows. Time and memory grow with the number of events; each is read once. Throws an error with
 * one line when the log can't be judged: a channel without its final history, or with two.
 */
export function check(events: Iterable<LogEvent>, options: CheckOptions): Verdict {
  const { channels, faults, clients } = sortByChannel(events);
  const tally = new Tally(options.examples ?? EXAMPLES, faults);
  const sums = { published: 0, acknowledged: 0, failed: 0, unsettled: 0, delivered: 0, gapsTold: 0, forks: 0, epochs: 0 };
  for (const [channel, log] of channels) {
    const counted = checkChannel(channel, log, options, tally);
    for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += counted[name];
  }
  const counts: Counts = { channels: channels.size, clients, faults: faults.length, ...sums, ...tally.counted };
  return { counts, found: tally.found, violations: tally.violations };
}

type ChannelCounts = Pick<Counts, 'published' | 'acknowledged' | 'failed' | 'unsettled' | 'delivered' | 'gapsTold' | 'forks' | 'epochs'>;

function checkChannel(channel: string, { events, history }: ChannelLog, options: CheckOptions, tally: Tally): ChannelCounts {
  const report = tally.reportOf(channel);
  const books = openBooks(channel, events, history);
  checkFinalHistory(books, report);
  checkAgreement(books, report);
  checkStoredOnce(books, report);
  const readers: Readers = books.participants.flatMap((participant) => {
    checkStrays(books, participant, report);
    checkPublisher(books, participant, report);
    checkRepeats(books, participant, options, report, tally.count);
    return participant.streams.map((stream) => {
      const runs = follow(books, participant, stream, report);
      checkEnd(books, participant, stream, runs, report);
      return { participant, stream, runs };
    });
  });
  checkAcknowledged(books, readers, options, report, tally.count);
  return { ...countMessages(books), ...countSteps(books.participants), forks: books.lines.forks, epochs: books.places.epochCount };
}

function countMessages({ messages }: Books): Pick<Counts, 'published' | 'acknowledged' | 'failed' | 'unsettled'> {
  const counts = { published: 0, acknowledged: 0, failed: 0, unsettled: 0 };
  for (const { publishes, acknowledgements, failures } of messages.values()) {
    if (publishes.length > 0) counts.published++;
    if (acknowledgements.length > 0) counts.acknowledged++;
    else if (failures.length > 0) counts.failed++;
    else if (publishes.length > 0) counts.unsettled++;
  }
  return counts;
}

function countSteps(participants: readonly Participant[]): Pick<Counts, 'delivered' | 'gapsTold'> {
  const counts = { delivered: 0, gapsTold: 0 };
  for (const { streams, strays } of participants) {
    for (const steps of [strays, ...streams.map((stream) => stream.steps)]) {
      for (const { kind } of steps) counts[kind === 'gap' ? 'gapsTold' : 'delivered']++;
    }
  }
  return counts;
}
