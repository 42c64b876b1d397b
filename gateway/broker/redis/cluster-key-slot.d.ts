declare module 'cluster-key-slot' {
  /** The slot (0 to 16383) of a key, by the part between its first braces if there is one. */
  export default function calculateSlot(key: string): number;
}
