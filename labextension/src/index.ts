import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { ends } from './plugins/ends';
import { heartbeat } from './plugins/heartbeat';
import { idle } from './plugins/idle';
import { api, model } from './plugins/model';
import { pause } from './plugins/pause';
import { connectionLost, reconnect } from './plugins/reconnect';
import { status } from './plugins/status';

// Each provides something else.
const plugins: JupyterFrontEndPlugin<unknown>[] = [
  api,
  model,
  idle,
  heartbeat,
  connectionLost,
  reconnect,
  pause,
  ends,
  status
];

export default plugins;
