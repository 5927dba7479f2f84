import type { Event } from '@jupyterlab/services';
import { Poll } from '@lumino/polling';

import { AwayError, IRuntimeApi, RefusedError } from './api';
import { IPauseEvent, PAUSE_EVENT } from './messages';
import type { RuntimeModel } from './model';

/** While the server is away: soon at first, then less and less often, for as long as the page is open. */
const PROBE = { interval: 2_000, backoff: true, max: 30_000 };
/** While it runs: to notice a pause that somebody began elsewhere, should its event be missed. */
const LOOK = { interval: 15_000, backoff: true, max: 120_000 };
/** While it pauses, or is to any moment: it is over in seconds, and whether all was saved is known here only. */
const FOLLOW = { interval: 1_000, backoff: true, max: 5_000 };

/** Keeps the model true: by what the server says by itself, and by asking while somebody can see the page. */
export function watch(api: IRuntimeApi, model: RuntimeModel, events: Event.IManager): void {
  events.stream.connect((_, event) => {
    if (event.schema_id === PAUSE_EVENT) {
      model.pauseTold((event as unknown as IPauseEvent).state);
    }
  });
  const probe = new Poll({
    name: 'runtiles:probe',
    auto: false,
    frequency: PROBE,
    standby: 'when-hidden',
    factory: () => greet(api, model)
  });
  const look = new Poll({
    name: 'runtiles:pause',
    auto: false,
    frequency: LOOK,
    standby: 'when-hidden',
    factory: () => lookAtPause(api, model)
  });
  let phase = model.phase;
  let close = false;
  model.changed.connect(() => {
    const follow = model.phase === 'pausing' || model.isDue;
    if (phase === model.phase && close === follow) {
      return;
    }
    look.frequency = follow ? FOLLOW : LOOK;
    const before = phase;
    phase = model.phase;
    close = follow;
    if (phase === before) {
      void (follow && model.isRuntime && !model.isAway && look.refresh());
      return;
    }
    void (model.isAway ? look.stop() : model.isRuntime ? look.start() : look.stop());
    void (model.isAway ? probe.start() : probe.stop());
  });
  document.addEventListener('visibilitychange', () => {
    // Somebody looks at the page again: not after the next long interval, but now.
    if (!document.hidden && model.isAway) {
      void probe.refresh();
    }
  });
  greet(api, model).catch(error => {
    // A server that knows nothing of Runtiles is asked once.
    void (error instanceof AwayError && probe.start());
  });
}

async function greet(api: IRuntimeApi, model: RuntimeModel): Promise<void> {
  try {
    model.here(await api.runtime());
  } catch (error) {
    if (error instanceof RefusedError && error.forbidden && model.isAway) {
      // Whatever became of it: the next question tells.
      await api.signIn().catch(() => undefined);
      model.here(await api.runtime());
      return;
    }
    throw error;
  }
}

async function lookAtPause(api: IRuntimeApi, model: RuntimeModel): Promise<void> {
  try {
    model.pauseSeen(await api.pauseStatus());
  } catch (error) {
    if (error instanceof AwayError) {
      model.lost();
    } else if (!(error instanceof RefusedError && error.status === 404)) {
      throw error;
    }
    // A runtime of an older version has no pause to look at.
  }
}
