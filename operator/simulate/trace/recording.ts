import { z } from 'zod';
import { linesOf, refuse } from './lines.ts';
import type { Point } from './trace.ts';

/** The first line of a recording. */
const head = z.object({
  recording: z.literal(1),
  cluster: z.string(),
  /** RFC 3339. */
  startedAt: z.string(),
});

const gateway = z.object({
  name: z.string(),
  state: z.string(),
  /** `null` when it doesn't answer. */
  connections: z.number().min(0).nullable(),
});

const snapshot = z.object({
  /** Since the recording began. */
  seconds: z.number().min(0),
  /** Of all gateways; `null` when it isn't known. */
  connections: z.number().min(0).nullable(),
  desired: z.number().min(0).nullable(),
  /** Connections that the gateways that take any could hold. */
  capacity: z.number().min(0).nullable(),
  gateways: z.array(gateway),
});

/** What `chatcluster record` writes: JSON, one object a line, the head first, then snapshots in the order of time. */
export type RecordingHead = Readonly<z.infer<typeof head>>;
export type Snapshot = Readonly<z.infer<typeof snapshot>>;

/** The demand of a recording: the connections that there were. A snapshot that doesn't know them is left out. */
export function recordedTrace(text: string, name: string): readonly Point[] {
  const [first, ...lines] = linesOf(text);
  if (first === undefined || !head.safeParse(parsed(first.text)).success)
    throw new Error(
      `${name}:${first?.number ?? 1}: this is no recording: its first line must be the one that "chatcluster record" writes; record anew`,
    );
  const faults: string[] = [];
  const points: Point[] = [];
  for (const line of lines) {
    const value = parsed(line.text);
    const read = snapshot.safeParse(value);
    const before = points.at(-1);
    if (value === undefined) {
      const cut = line === lines.at(-1) ? 'it was cut off; delete it' : 'delete it, or record anew';
      faults.push(`${name}:${line.number}: the line is no JSON: ${cut}`);
    } else if (!read.success) {
      const [issue] = read.error.issues;
      faults.push(
        `${name}:${line.number}: "${issue?.path.join('.')}" is not as "chatcluster record" writes it (${issue?.message}); delete the line`,
      );
    } else if (read.data.connections !== null) {
      const at = read.data.seconds * 1_000;
      if (before !== undefined && at <= before.at)
        faults.push(`${name}:${line.number}: ${read.data.seconds} s is not after the line before; keep the lines in their order`);
      else points.push({ at, connections: read.data.connections });
    }
  }
  refuse(faults);
  const start = points[0]?.at ?? 0;
  if (points.length < 2) throw new Error(`${name}: a recording of one instant can't be replayed; record for a while`);
  return points.map(({ at, connections }) => ({ at: at - start, connections }));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
