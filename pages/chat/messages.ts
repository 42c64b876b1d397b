import { el, KeyedList } from '../dom.ts';
import { avatar, nameOf } from './people.ts';
import type { Entry } from './timeline.ts';

/** An entry with what its neighbours decide: who speaks on is not named again. */
interface Line {
  readonly entry: Entry;
  readonly first: boolean;
}

/** After so long the same speaker is named again, ms. */
const PAUSE_MS = 5 * 60_000;
/** So near to the end one counts as reading along, px. */
const NEAR_END = 80;

/** The messages of the room that is open. While one reads along it follows the newest; scrolled back, it stays and offers to. */
export class MessageView {
  readonly #scroll: HTMLElement;
  readonly #newest: HTMLElement;
  readonly #list: HTMLElement;
  readonly #me: () => { readonly member: string; readonly name: string };
  #rows: KeyedList<Line>;
  #last = '';

  constructor(scroll: HTMLElement, list: HTMLElement, newest: HTMLElement, me: () => { readonly member: string; readonly name: string }) {
    this.#scroll = scroll;
    this.#list = list;
    this.#newest = newest;
    this.#me = me;
    this.#rows = this.#newRows();
    newest.addEventListener('click', () => this.#toEnd());
    scroll.addEventListener('scroll', () => {
      if (this.#readsAlong()) newest.hidden = true;
    });
  }

  /** Shows another room's entries, from the newest on. */
  open(entries: readonly Entry[]): void {
    this.#list.replaceChildren();
    this.#rows = this.#newRows();
    this.#rows.show(lines(entries, this.#me().member));
    this.#last = entries.at(-1)?.key ?? '';
    this.#toEnd();
  }

  update(entries: readonly Entry[]): void {
    const readsAlong = this.#readsAlong();
    const last = entries.at(-1);
    this.#rows.show(lines(entries, this.#me().member));
    if (readsAlong || last?.kind === 'own') this.#toEnd();
    else if (last !== undefined && last.key !== this.#last) this.#newest.hidden = false;
    this.#last = last?.key ?? '';
  }

  #readsAlong(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroll;
    return scrollHeight - scrollTop - clientHeight < NEAR_END;
  }

  #toEnd(): void {
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
    this.#newest.hidden = true;
  }

  #newRows(): KeyedList<Line> {
    return new KeyedList(
      this.#list,
      ({ entry, first }) => `${entry.key} ${first}`,
      (line) => this.#row(line),
    );
  }

  #row({ entry, first }: Line): { element: HTMLElement; update(line: Line): void } {
    if (entry.kind === 'gap') {
      const text = `${entry.missed} ${entry.missed === 1 ? 'message is' : 'messages are'} missing here: the history no longer held them.`;
      return { element: el('li', { class: 'gap', text }), update: () => {} };
    }
    const { member, name } = entry.kind === 'own' ? this.#me() : { member: entry.message.member, name: nameOf(entry.message) };
    const text = el('div', { class: 'text', text: entry.text });
    const element = el('li', { class: first ? 'message first' : 'message' });
    if (first) {
      const by = el('div', { class: 'by' }, el('b', { text: name }));
      if (entry.kind === 'message') by.append(time(entry.message.time));
      element.append(avatar(member, name), el('div', {}, by, text));
    } else element.append(text);
    const update = (line: Line) => {
      element.classList.toggle('pending', line.entry.kind === 'own' && !line.entry.failed);
      element.classList.toggle('failed', line.entry.kind === 'own' && line.entry.failed);
    };
    return { element, update };
  }
}

function lines(entries: readonly Entry[], me: string): Line[] {
  return entries.map((entry, i) => ({ entry, first: !goesOn(entries[i - 1], entry, me) }));
}

/** Whether it is the same speaker's next message, soon after. */
function goesOn(before: Entry | undefined, entry: Entry, me: string): boolean {
  if (entry.kind === 'own') return before?.kind === 'own' || (before?.kind === 'message' && before.message.member === me);
  if (before?.kind !== 'message' || entry.kind !== 'message') return false;
  return before.message.member === entry.message.member && entry.message.time - before.message.time < PAUSE_MS;
}

function time(at: number): HTMLElement {
  const date = new Date(at);
  return el('time', { datetime: date.toISOString(), text: date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }) });
}
