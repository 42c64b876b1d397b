#!/usr/bin/env node
import { launch } from './launcher.js';

await launch('chatcluster', import.meta.url);
