import type { Position } from '../../../protocol/position.ts';
import type { ClientEvent, Fault } from './log.ts';

/** The promises to a subscriber: once and in order; told if not; stored once; acknowledged is stored. */
export type PromiseName = 'D1' | 'D2' | 'D3' | 'D4';

/** What can be wrong, the promise that it breaks, and what it means. */
export const KINDS = {
  skipped: { promise: 'D1', means: 'A message was passed over, though others saw it or it is stored.' },
  backwards: { promise: 'D1', means: 'A delivery lies before what the client had already passed.' },
  repeated: { promise: 'D1', means: 'A message was delivered to the same client twice.' },
  'needless-gap': { promise: 'D1', means: 'A gap was told over messages that the history holds.' },
  behind: { promise: 'D1', means: 'A client that is still subscribed never got the newest messages.' },
  disagreement: { promise: 'D1', means: 'The same position holds different messages for different observers.' },
  unpublished: { promise: 'D1', means: 'A message was delivered or stored that nobody published.' },
  'publisher-reordered': { promise: 'D1', means: "One publisher's messages are stored against the order of its publishing." },
  'not-subscribed': { promise: 'D1', means: 'A client was given something of a channel that it had not subscribed to.' },
  'history-broken': { promise: 'D1', means: 'The final history is no contiguous chain that ends at its head.' },
  'skipped-unseen': { promise: 'D2', means: 'Offsets were passed over without a gap, and nobody knows what stood there.' },
  'fork-skipped': { promise: 'D2', means: 'A client was moved from one fork to another without a gap: the digest does not follow.' },
  'epoch-skipped': { promise: 'D2', means: 'A client was moved to another epoch without a gap.' },
  'gap-from-elsewhere': { promise: 'D2', means: 'A gap starts at another position than the one where the client was.' },
  'gap-missing': { promise: 'D2', means: 'A stream that did not recover went on without the gap that must follow.' },
  'left-on-lost-line': { promise: 'D2', means: 'A client that is still subscribed stands on a line that was lost, and was not told.' },
  'loss-untold': { promise: 'D2', means: 'An acknowledged message was lost, and a client that should have got it was told nothing.' },
  'stored-twice': { promise: 'D3', means: 'A message stands twice on one line of the history.' },
  'acknowledged-elsewhere': { promise: 'D3', means: 'A message was acknowledged at a position where it does not stand.' },
  'acknowledged-lost': { promise: 'D4', means: 'An acknowledged message is not stored, and nothing happened that may lose it.' },
  'acknowledged-unpublished': { promise: 'D4', means: 'A client was acknowledged a message that it never published.' },
} as const satisfies Record<string, { readonly promise: PromiseName; readonly means: string }>;

export type Kind = keyof typeof KINDS;

/** An event of the log, or an excerpt of a final history: a message that it holds, or its head. */
export type Evidence =
  | ClientEvent
  | Fault
  | { readonly kind: 'stored'; readonly at: number; readonly channel: string; readonly id: string; readonly position: Position }
  | { readonly kind: 'head'; readonly at: number; readonly channel: string; readonly position: Position };

/** A broken promise. */
export interface Violation {
  readonly promise: PromiseName;
  readonly kind: Kind;
  readonly channel: string;
  /** Who suffered it; null when it shows without a subscriber. */
  readonly client: string | null;
  /** One sentence that names the messages and positions. */
  readonly text: string;
  /** The few events that show it, in the order of time. */
  readonly events: readonly Evidence[];
}

/** What the log held, over all channels. */
export interface Counts {
  readonly channels: number;
  readonly clients: number;
  readonly faults: number;
  /** Messages, each once, however often it was tried. */
  readonly published: number;
  readonly acknowledged: number;
  /** Given up by the SDK and never acknowledged afterwards. */
  readonly failed: number;
  /** Neither acknowledged nor given up when the log ended. */
  readonly unsettled: number;
  /** Messages times the clients that got them. */
  readonly delivered: number;
  readonly gapsTold: number;
  /** Places where a history went on in two ways. */
  readonly forks: number;
  /** Lives of histories: one a channel, if none ever started anew. */
  readonly epochs: number;
  /** Acknowledged and then lost, where that may be, and all who should have got it did or were told. */
  readonly lostAndTold: number;
  /** Like those, but somebody was not told; a violation too, unless `lossToldTo` is `witnesses`. */
  readonly lostAndUntold: number;
  /** Acknowledged, then trimmed from the history together with what would show whether it stood on the surviving line. */
  readonly undecided: number;
  /** Deliveries that came again after a told loss, where the options allow it. */
  readonly repeatedAfterLoss: number;
}

/** The end of a check: no violation means that D1–D4 held for all that the log shows. */
export interface Verdict {
  readonly counts: Counts;
  /** How many there are of each kind; kinds that did not occur are absent. */
  readonly found: Readonly<Partial<Record<Kind, number>>>;
  /** The first few of each kind. */
  readonly violations: readonly Violation[];
}

/** What may be expected of the servers of a run. */
export interface CheckOptions {
  /**
   * Whether a fault happened that may lose acknowledged messages: an asynchronous failover, a restart without persistence. With `until` only
   * what was acknowledged up to then (ms, the log's clock) may be lost: the end of the last such fault, and some time for acknowledgements that
   * were under way. A history that expires loses its messages as well.
   */
  readonly lossAllowed: boolean | { readonly until: number };
  /**
   * Who must be told of an acknowledged message that was lost: `everyone` (default) who was subscribed when it was published and had not
   * got it, or only `witnesses`, who had been delivered something of the lost line themselves.
   */
  readonly lossToldTo?: 'everyone' | 'witnesses';
  /**
   * Whether a message may be delivered again when its first place was lost, the client was told of that gap, and a retry stored it anew.
   * Default: it may not.
   */
  readonly repeatAfterLoss?: boolean;
  /** The most violations of one kind that are kept with their events. Default 5. */
  readonly examples?: number;
}

/** Takes a violation that a check has found. */
export type Report = (kind: Kind, client: string | null, text: string, events: readonly (Evidence | null | undefined)[]) => void;

/** What a check may count besides its violations. */
export type Count = (name: 'lostAndTold' | 'lostAndUntold' | 'undecided' | 'repeatedAfterLoss') => void;
