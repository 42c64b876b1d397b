import type { Member } from '../../protocol/messages.ts';
import { el, KeyedList, setText } from '../dom.ts';

/** A person's sign: their initials on a colour that is always the same for the same person. */
export function avatar(member: string, name: string): HTMLElement {
  const element = el('span', { class: 'avatar', 'aria-hidden': 'true', text: initials(name) });
  element.style.setProperty('--hue', `oklch(0.55 0.13 ${hash(member) % 360})`);
  return element;
}

/** Who is in the room. */
export function memberList(parent: Element, me: () => string | null): KeyedList<Member> {
  return new KeyedList(
    parent,
    ({ member }) => member,
    ({ member, name }) => {
      const label = el('span');
      const element = el('li', { class: 'member' }, avatar(member, name ?? ''), label);
      return { element, update: (now) => setText(label, `${nameOf(now)}${member === me() ? ' (you)' : ''}`) };
    },
  );
}

/** The people who type, told in a line; each falls silent after a while without another sign. */
export class Typing {
  readonly #show: (text: string) => void;
  readonly #typing = new Map<string, { readonly name: string; readonly timer: ReturnType<typeof setTimeout> }>();

  constructor(show: (text: string) => void) {
    this.#show = show;
  }

  /** They type; so it is shown for `forMs`. */
  typing(member: string, name: string, forMs: number): void {
    clearTimeout(this.#typing.get(member)?.timer);
    this.#typing.set(member, { name, timer: setTimeout(() => this.stopped(member), forMs) });
    this.#tell();
  }

  stopped(member: string): void {
    clearTimeout(this.#typing.get(member)?.timer);
    if (this.#typing.delete(member)) this.#tell();
  }

  clear(): void {
    for (const member of [...this.#typing.keys()]) this.stopped(member);
  }

  #tell(): void {
    const names = [...this.#typing.values()].map(({ name }) => name);
    if (names.length === 0) this.#show('');
    else if (names.length > 2) this.#show(`${names.length} people are typing …`);
    else this.#show(`${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} typing …`);
  }
}

export const nameOf = ({ member, name }: Member) => name ?? `Guest ${member.slice(0, 4)}`;

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const first = [...(words[0] ?? '')][0] ?? '?';
  const last = words.length > 1 ? ([...(words.at(-1) ?? '')][0] ?? '') : '';
  return (first + last).toUpperCase();
}

function hash(text: string): number {
  let value = 0;
  for (const letter of text) value = (Math.imul(value, 31) + (letter.codePointAt(0) ?? 0)) >>> 0;
  return value;
}
