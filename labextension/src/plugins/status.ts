import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';

import { IIdleModel, IRuntimeModel } from '../tokens';
import { StatusItem } from '../widgets/statusItem';

/** Behind the stock items, which have 0 and 1. */
const RANK = 2;

export const status: JupyterFrontEndPlugin<void> = {
  id: 'runtiles:status',
  description: 'Shows the runtime and its state in the status bar, with a menu.',
  autoStart: true,
  requires: [IRuntimeModel, IIdleModel, ITranslator],
  optional: [IStatusBar],
  activate: (
    app: JupyterFrontEnd,
    model: IRuntimeModel,
    idle: IIdleModel,
    translator: ITranslator,
    bar: IStatusBar | null
  ) => {
    if (!bar) {
      return;
    }
    const activeChanged = new Signal<IRuntimeModel, void>(model);
    model.changed.connect(() => activeChanged.emit());
    bar.registerStatusItem('runtiles:status', {
      item: new StatusItem(model, idle, app.commands, translator.load('runtiles')),
      align: 'left',
      rank: RANK,
      isActive: () => model.isRuntime,
      activeStateChanged: activeChanged
    });
  }
};
