import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';

import { pausesIn } from '../idle/ends';
import { follow } from '../idle/follow';
import { IdleModel } from '../idle/model';
import { shared } from '../idle/shared';
import { IIdleModel, IRuntimeApi, IRuntimeModel } from '../tokens';

/** When this runtime ends, kept true by asking. */
export const idle: JupyterFrontEndPlugin<IIdleModel> = {
  id: 'runtiles:idle',
  description: 'Knows when this runtime ends and why.',
  autoStart: true,
  requires: [IRuntimeApi, IRuntimeModel],
  provides: IIdleModel,
  activate: (app: JupyterFrontEnd, api: IRuntimeApi, runtime: IRuntimeModel) => {
    const model = new IdleModel();
    const refresh = follow(api, runtime, model);
    model.changed.connect(() => {
      const seconds = pausesIn(model.told);
      runtime.expects(seconds === null ? null : Date.now() + 1000 * seconds);
    });
    shared(model, app.serviceManager.serverSettings.baseUrl, refresh);
    return model;
  }
};
