const SMALLEST = 4;

/** A queue that is read by index: adding, removing the oldest and reading cost the same however long it is, and it shrinks again. */
export class Ring<T> {
  #items: (T | undefined)[] = [];
  #first = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The item `index` places after the oldest. */
  at(index: number): T | undefined {
    if (index < 0 || index >= this.#length) return undefined;
    return this.#items[(this.#first + index) & (this.#items.length - 1)];
  }

  push(item: T): void {
    if (this.#length === this.#items.length) this.#resize(Math.max(SMALLEST, this.#length * 2));
    this.#items[(this.#first + this.#length) & (this.#items.length - 1)] = item;
    this.#length++;
  }

  /** Removes the oldest. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#items[this.#first];
    this.#items[this.#first] = undefined;
    this.#first = (this.#first + 1) & (this.#items.length - 1);
    this.#length--;
    if (this.#length * 4 < this.#items.length && this.#items.length > SMALLEST) this.#resize(this.#items.length / 2);
    return item;
  }

  /** The capacity is always a power of two, so that an index wraps with a mask. */
  #resize(capacity: number): void {
    const items = new Array<T | undefined>(capacity).fill(undefined);
    for (let i = 0; i < this.#length; i++) items[i] = this.at(i);
    this.#items = items;
    this.#first = 0;
  }
}
