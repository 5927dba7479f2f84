import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';

import { Heartbeat, listen } from '../idle/heartbeat';
import { IIdleModel, IRuntimeApi, IRuntimeModel } from '../tokens';

/** Tells the runtime that somebody is at work, which an open page alone does not. */
export const heartbeat: JupyterFrontEndPlugin<void> = {
  id: 'runtiles:heartbeat',
  description: 'Tells the runtime of keys and clicks, once a minute at most and not which.',
  autoStart: true,
  requires: [IRuntimeApi, IRuntimeModel, IIdleModel],
  activate: (
    _: JupyterFrontEnd,
    api: IRuntimeApi,
    runtime: IRuntimeModel,
    idle: IIdleModel
  ) => {
    const beat = async () => {
      if (!runtime.isRuntime || runtime.isAway) {
        return;
      }
      try {
        idle.heard(await api.input());
      } catch {
        // An older runtime, or one that is just going: the next key says it again.
      }
    };
    listen(new Heartbeat(() => void beat(), document), document);
  }
};
