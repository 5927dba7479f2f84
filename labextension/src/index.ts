import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { api, model } from './plugins/model';
import { pause } from './plugins/pause';
import { connectionLost, reconnect } from './plugins/reconnect';
import { status } from './plugins/status';

// Each provides something else.
const plugins: JupyterFrontEndPlugin<unknown>[] = [
  api,
  model,
  connectionLost,
  reconnect,
  pause,
  status
];

export default plugins;
