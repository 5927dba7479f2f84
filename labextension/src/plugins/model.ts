import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';

import { RuntimeApi } from '../api';
import { gate } from '../gate';
import { RuntimeModel } from '../model';
import { IRuntimeApi, IRuntimeModel } from '../tokens';
import { watch } from '../watch';

/** One interface to the runtime for all of the plug-ins. */
export const api: JupyterFrontEndPlugin<IRuntimeApi> = {
  id: 'runtiles:api',
  description: "Asks the runtime's server.",
  autoStart: true,
  provides: IRuntimeApi,
  activate: (app: JupyterFrontEnd) => new RuntimeApi(app.serviceManager.serverSettings)
};

/** The state of this runtime, kept true by asking. */
export const model: JupyterFrontEndPlugin<IRuntimeModel> = {
  id: 'runtiles:model',
  description: 'Knows what this runtime is and whether it runs.',
  autoStart: true,
  requires: [IRuntimeApi],
  provides: IRuntimeModel,
  activate: (app: JupyterFrontEnd, runtimeApi: IRuntimeApi) => {
    const runtime = new RuntimeModel();
    gate(app.serviceManager.serverSettings, runtimeApi, runtime);
    watch(runtimeApi, runtime, app.serviceManager.events);
    return runtime;
  }
};
