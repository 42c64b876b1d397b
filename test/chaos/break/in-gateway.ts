import type { Break } from '../options.ts';
import { BREAKAGES } from './breaks.ts';
import { applyPatches } from './patch.ts';

/** Loaded into a gateway before its own code, by `--import`; the URL's query names what is to be broken. */
applyPatches(BREAKAGES[new URL(import.meta.url).search.slice(1) as Break].gateway);
