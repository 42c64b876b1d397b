import { describe, expect, it } from 'vitest';
import { CreationPause } from '../../../../../operator/fleet/kubernetes/creation-pause.ts';
import { KubeError } from '../../../../../operator/kube/error.ts';

const quota = (retryAfterMs: number | null = null) => new KubeError('quota pods exceeded', { status: 403, kind: 'quota', retryAfterMs });
const away = () => new KubeError('no answer', { status: 0, kind: 'unavailable' });

describe('creating', () => {
  it('may be tried at first', () => {
    const pause = new CreationPause();
    expect([pause.refusal(0), pause.problem]).toEqual([null, null]);
  });

  it('waits twice as long after each refusal, a minute at most, and tells why', () => {
    const pause = new CreationPause();
    const waits: number[] = [];
    let now = 0;
    for (let i = 0; i < 9; i++) {
      pause.failed(quota(), now);
      const begun = now;
      while (pause.refusal(now) !== null) now += 500;
      waits.push((now - begun) / 1000);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
    expect(pause.problem).toBe('no gateway can be created: quota pods exceeded');
    pause.failed(quota(), now);
    expect(pause.refusal(now + 100)).toBe('quota pods exceeded; tried again in 60 s');
  });

  it('is tried each second while the API server is away', () => {
    const pause = new CreationPause();
    for (const now of [0, 1_000, 2_000]) {
      pause.failed(away(), now);
      expect([pause.refusal(now + 999) === null, pause.refusal(now + 1_000) === null]).toEqual([false, true]);
    }
  });

  it('waits as long as the API server asks', () => {
    const pause = new CreationPause();
    pause.failed(quota(5_000), 0);
    expect([pause.refusal(4_999) === null, pause.refusal(5_000) === null]).toEqual([false, true]);
  });

  it('goes on as at first once it worked', () => {
    const pause = new CreationPause();
    pause.failed(quota(), 0);
    pause.failed(quota(), 1_000);
    pause.reset();
    expect([pause.refusal(1_001), pause.problem]).toEqual([null, null]);
    pause.failed(quota(), 2_000);
    expect(pause.refusal(3_000)).toBeNull();
  });
});
