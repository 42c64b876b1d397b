import type { GatewayStatus } from '../../protocol/admin.ts';
import type { ResumeCounts } from './fleet.ts';

/** What a gateway tells of its clients' resumes; `null` when it tells nothing, as those of earlier versions do. */
export function resumesOf(status: Partial<Pick<GatewayStatus, 'resumesTotal' | 'resumeGapsTotal'>> | null): ResumeCounts | null {
  const { resumesTotal, resumeGapsTotal } = status ?? {};
  return resumesTotal === undefined || resumeGapsTotal === undefined ? null : { total: resumesTotal, gaps: resumeGapsTotal };
}
