import {
  ConnectionLost,
  IConnectionLost,
  JupyterFrontEnd,
  JupyterFrontEndPlugin,
  JupyterLab
} from '@jupyterlab/application';
import { ITranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { openSessions, reconnectAll } from '../connections';
import { site } from '../site';
import { IRuntimeModel } from '../tokens';
import { AwayNotice } from '../widgets/awayNotice';

/** In the place of the stock dialog, which asks to restart a server that may only be paused. */
export const connectionLost: JupyterFrontEndPlugin<IConnectionLost> = {
  id: 'runtiles:connection-lost',
  description: 'Says calmly that the runtime is away, and keeps the tab as it is.',
  autoStart: true,
  requires: [IRuntimeModel],
  provides: IConnectionLost,
  activate: (_: JupyterFrontEnd, model: IRuntimeModel): IConnectionLost => {
    return async (manager, error, translator) => {
      if (model.isRuntime) {
        model.lost();
      } else {
        await ConnectionLost(manager, error, translator);
      }
    };
  }
};

export const reconnect: JupyterFrontEndPlugin<void> = {
  id: 'runtiles:reconnect',
  description: 'Connects open notebooks and consoles again when the runtime is back.',
  autoStart: true,
  requires: [IRuntimeModel, ITranslator],
  optional: [JupyterLab.IInfo],
  activate: (
    app: JupyterFrontEnd,
    model: IRuntimeModel,
    translator: ITranslator,
    info: JupyterLab.IInfo | null
  ) => {
    const notice = new AwayNotice(model, site().runtimesPage, translator.load('runtiles'));
    Widget.attach(notice, document.body);
    let away = false;
    model.changed.connect(() => {
      if (info && away !== model.isAway) {
        // The application's own polls rest until there is somebody to answer.
        info.isConnected = !model.isAway;
      }
      away = model.isAway;
    });
    model.returned.connect(async () => {
      const { sessions, kernelspecs } = app.serviceManager;
      await sessions.refreshRunning();
      await Promise.all([reconnectAll(openSessions(app.shell)), kernelspecs.refreshSpecs()]);
    });
  }
};
