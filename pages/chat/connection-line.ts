import type { ClientState } from '../../client/index.ts';
import type { Missed } from './missed.ts';

/** What the connection line shows. */
export interface ConnectionWords {
  readonly dot: 'good' | 'busy' | 'bad';
  readonly text: string;
}

/** The state of the connection in a few words. `degraded`: its gateway has lost what keeps the messages. */
export function connectionWords(state: ClientState, degraded: boolean): ConnectionWords {
  switch (state.kind) {
    case 'connected': {
      const text = `connected through ${state.gateway}${state.transport === 'longpoll' ? ' by long polling' : ''}`;
      return degraded ? { dot: 'busy', text: `${text}; messages come later for now` } : { dot: 'good', text };
    }
    case 'idle':
    case 'connecting':
      return { dot: 'busy', text: 'connecting …' };
    case 'waiting':
      return { dot: state.reason === 'backing-off' ? 'busy' : 'bad', text: waitingWords(state.reason) };
    case 'closed':
      return { dot: 'bad', text: `disconnected: ${state.reason}` };
  }
}

function waitingWords(reason: 'backing-off' | 'offline' | 'hidden'): string {
  if (reason === 'offline') return 'you are offline; what you write is sent when you are back';
  return reason === 'hidden' ? 'asleep until you look' : 'connection lost; connecting again …';
}

/** How the last change of the gateway went, and how many messages it cost. */
export class MoveStory {
  readonly #missed: Missed;
  #gateway: string | null = null;
  #words: string | null = null;

  constructor(missed: Missed) {
    this.#missed = missed;
  }

  /** `null` before the first change. The number grows if a message that is missing shows later. */
  get words(): string | null {
    if (this.#words === null) return null;
    const { count } = this.#missed;
    return `${this.#words}, ${count} ${count === 1 ? 'message' : 'messages'} missed`;
  }

  /** It moved without an interruption. */
  moved(from: string, to: string): void {
    this.#tell(from === to ? `moved within ${to}` : `moved from ${from} to ${to}`);
    this.#gateway = to;
  }

  /** A gateway serves it; true when that is a story to tell: it had been lost before. */
  connected(gateway: string): boolean {
    const before = this.#gateway;
    this.#gateway = gateway;
    if (before === null || before === gateway) return false;
    this.#tell(`lost ${before}, went on through ${gateway}`);
    return true;
  }

  #tell(words: string): void {
    this.#missed.reset();
    this.#words = words;
  }
}
