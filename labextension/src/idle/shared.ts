import type { IdleModel } from './model';

/**
 * An answer to a warning counts at once in every tab of this browser that shows the same runtime; other
 * browsers hear of it from the service.
 */
export function shared(model: IdleModel, baseUrl: string, refresh: () => void): void {
  if (typeof BroadcastChannel === 'undefined') {
    return;
  }
  const channel = new BroadcastChannel(`runtiles:answered:${baseUrl}`);
  model.settled.connect(() => channel.postMessage(null));
  channel.onmessage = () => {
    model.answered();
    refresh();
  };
}
