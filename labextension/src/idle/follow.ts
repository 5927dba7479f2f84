import { Poll } from '@lumino/polling';

import { AwayError, IRuntimeApi, RefusedError } from '../api';
import type { RuntimeModel } from '../model';
import { isNear } from './ends';
import type { IdleModel } from './model';

const FAR = { interval: 30_000, backoff: true, max: 120_000 };
/** Soon after somebody answered in another browser, the warning goes here too. */
const NEAR = { interval: 5_000, backoff: true, max: 30_000 };

/**
 * Keeps `idle` true while somebody can see the page, and asks at once when they look again. The function
 * that comes back asks now.
 */
export function follow(api: IRuntimeApi, runtime: RuntimeModel, idle: IdleModel): () => void {
  let isKnown = true;
  const asks = () => isKnown && runtime.isRuntime && !runtime.isAway;
  const poll = new Poll({
    name: 'runtiles:idle',
    auto: false,
    frequency: FAR,
    standby: 'when-hidden',
    factory: async () => {
      try {
        idle.heard(await api.idle());
      } catch (error) {
        if (error instanceof RefusedError && error.status === 404) {
          // An older runtime. It is asked again by no timer.
          isKnown = false;
          void poll.stop();
        } else if (!(error instanceof AwayError)) {
          throw error;
        }
        idle.heard(null);
      }
    }
  });
  let asked = false;
  const begin = () => {
    if (asked !== asks()) {
      asked = asks();
      void (asked ? poll.start() : poll.stop());
      void (asked || idle.heard(null));
    }
  };
  runtime.changed.connect(begin);
  begin();
  idle.changed.connect(() => {
    const wanted = isNear(idle.told) ? NEAR : FAR;
    if (poll.frequency.interval !== wanted.interval) {
      poll.frequency = wanted;
    }
  });
  const refresh = () => void (asks() && poll.refresh());
  document.addEventListener('visibilitychange', () => document.hidden || refresh());
  return refresh;
}
