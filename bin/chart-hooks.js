#!/usr/bin/env node
// What the Helm chart's Jobs run: what was built, in the image; in a checkout the TypeScript itself.
import { existsSync } from 'node:fs';

const source = new URL('../operator/hooks/main.ts', import.meta.url);
const built = new URL('../dist/operator/hooks/main.js', import.meta.url);
await import(existsSync(source) ? source.href : built.href);
