/** What `el` sets: attributes by name; `text` is the content. A value of `null` or `false` leaves the attribute out. */
export type Attributes = Readonly<Record<string, string | number | boolean | null>>;

/** Makes an element. Content is always text, never markup, so that no name or message can inject any. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) continue;
    if (name === 'text') element.textContent = String(value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children);
  return element;
}

/** The page's element with that id; a page that lacks it is broken, and says so. */
export function byId<K extends keyof HTMLElementTagNameMap>(id: string, _tag: K): HTMLElementTagNameMap[K] {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`The page has no element #${id}.`);
  return element as HTMLElementTagNameMap[K];
}

/** Sets the text only if it differs: what a screen reader or a selection rests on stays as it is. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Keeps the children of `parent` in step with `items`: one element an item, made once and updated in place, so that focus and
 * transitions survive.
 */
export class KeyedList<T> {
  readonly #parent: Element;
  readonly #key: (item: T) => string;
  readonly #make: (item: T) => { readonly element: HTMLElement; update(item: T): void };
  readonly #rows = new Map<string, { readonly element: HTMLElement; update(item: T): void }>();

  constructor(parent: Element, key: (item: T) => string, make: (item: T) => { readonly element: HTMLElement; update(item: T): void }) {
    this.#parent = parent;
    this.#key = key;
    this.#make = make;
  }

  show(items: readonly T[]): void {
    const keys = new Set(items.map(this.#key));
    for (const [key, row] of this.#rows) {
      if (keys.has(key)) continue;
      row.element.remove();
      this.#rows.delete(key);
    }
    for (const [i, item] of items.entries()) {
      const key = this.#key(item);
      const row = this.#rows.get(key) ?? this.#make(item);
      this.#rows.set(key, row);
      row.update(item);
      if (this.#parent.children[i] !== row.element) this.#parent.insertBefore(row.element, this.#parent.children[i] ?? null);
    }
  }
}
