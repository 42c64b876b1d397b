type Typed = Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** A typed array that grows as it is written: a few bytes an entry, however long a run takes. What was never written reads 0. */
export class Growable<T extends Typed> {
  readonly #make: (length: number) => T;
  #array: T;
  #length = 0;

  constructor(make: (length: number) => T, capacity = 64) {
    this.#make = make;
    this.#array = make(capacity);
  }

  /** One more than the highest index ever written. */
  get length(): number {
    return this.#length;
  }

  get(index: number): number {
    return this.#array[index] ?? 0;
  }

  set(index: number, value: number): void {
    if (index >= this.#array.length) {
      const larger = this.#make(Math.max(index + 1, Math.ceil(this.#array.length * 1.5)));
      larger.set(this.#array);
      this.#array = larger;
    }
    this.#array[index] = value;
    if (index >= this.#length) this.#length = index + 1;
  }

  push(value: number): void {
    this.set(this.#length, value);
  }

  /** What was written, in an array of its own. */
  copy(): T {
    return this.#array.slice(0, this.#length) as T;
  }

  /** Forgets what was written, keeps the room. */
  clear(): void {
    this.#array.fill(0, 0, this.#length);
    this.#length = 0;
  }
}

export const uint8 = (length: number) => new Uint8Array(length);
export const uint32 = (length: number) => new Uint32Array(length);
export const float32 = (length: number) => new Float32Array(length);
export const float64 = (length: number) => new Float64Array(length);
