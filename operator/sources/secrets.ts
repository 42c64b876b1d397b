/** Reads a key of a Secret. Rejects with what is missing, in words for people. */
export type ReadSecret = (name: string, key: string) => Promise<string>;
