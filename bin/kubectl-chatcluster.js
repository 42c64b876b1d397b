#!/usr/bin/env node
// As `kubectl-chatcluster` on the PATH, kubectl calls this for `kubectl chatcluster`.
import { launch } from './launcher.js';

await launch('kubectl chatcluster', import.meta.url);
