import { fileURLToPath } from 'node:url';

const under = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export const ROOT = under('');
export const CHART = under('charts/chatcluster');
export const EXAMPLE = under('examples/chatcluster.yaml');
