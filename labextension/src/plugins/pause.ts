import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { IMainMenu } from '@jupyterlab/mainmenu';
import { ITranslator, TranslationBundle } from '@jupyterlab/translation';

import { commandIds } from '../commands';
import { progressOf, RuntimeModel } from '../model';
import { site } from '../site';
import { IRuntimeApi, IRuntimeModel } from '../tokens';

const NO_ARGUMENTS = { args: { type: 'object', properties: {} } } as const;
/** Before `Shut Down`, which the stock menu has at 99. */
const MENU_RANK = 98;

/** Pause, and the way to the runtimes page. */
export const pause: JupyterFrontEndPlugin<void> = {
  id: 'runtiles:pause',
  description: 'Pauses this runtime: its variables are saved, its memory and GPUs given back.',
  autoStart: true,
  requires: [IRuntimeApi, IRuntimeModel, ITranslator],
  optional: [ICommandPalette, IMainMenu],
  activate: (
    app: JupyterFrontEnd,
    api: IRuntimeApi,
    model: IRuntimeModel,
    translator: ITranslator,
    palette: ICommandPalette | null,
    menu: IMainMenu | null
  ) => {
    const trans = translator.load('runtiles');
    const { runtimesPage } = site();
    app.commands.addCommand(commandIds.pause, {
      label: trans.__('Pause Runtime…'),
      caption: trans.__('Save all variables and give memory and GPUs back'),
      isEnabled: () => model.phase === 'running' && model.isRuntime,
      isVisible: () => model.isRuntime,
      describedBy: NO_ARGUMENTS,
      execute: () => pauseRuntime(api, model, trans)
    });
    app.commands.addCommand(commandIds.runtimes, {
      label: trans.__('Runtimes Page'),
      caption: trans.__('Open the page of all runtimes in a new browser tab'),
      isVisible: () => Boolean(runtimesPage),
      describedBy: NO_ARGUMENTS,
      execute: () => {
        window.open(runtimesPage, '_blank', 'noopener');
      }
    });
    for (const command of [commandIds.pause, commandIds.runtimes]) {
      palette?.addItem({ command, category: trans.__('Runtime') });
    }
    menu?.fileMenu.addGroup([{ command: commandIds.pause }], MENU_RANK);
    model.changed.connect(() => app.commands.notifyCommandChanged(commandIds.pause));
    showProgress(model, trans);
  }
};

async function pauseRuntime(
  api: IRuntimeApi,
  model: RuntimeModel,
  trans: TranslationBundle
): Promise<void> {
  const looking = Notification.emit(trans.__('Looking at what the kernels hold…'), 'in-progress');
  try {
    const { askToPause } = await import('../widgets/pauseDialog');
    const preview = await api.previewPause();
    Notification.dismiss(looking);
    const request = await askToPause(model.runtime?.runtime ?? '', preview, trans);
    if (request) {
      await api.pause(request);
      model.pausing();
    }
  } catch (error) {
    failed(trans, (error as Error).message);
  } finally {
    Notification.dismiss(looking);
  }
}

/** One notification per pause, whoever asked for it; gone with the pause. */
function showProgress(model: RuntimeModel, trans: TranslationBundle): void {
  let id = '';
  model.changed.connect(() => {
    const pausing = model.phase === 'pausing';
    if (pausing && !id) {
      id = Notification.emit(wordsOf(model, trans), 'in-progress', { autoClose: false });
    } else if (pausing) {
      const progress = progressOf(model.pause);
      Notification.update({ id, message: wordsOf(model, trans), progress });
    } else if (id) {
      Notification.dismiss(id);
      id = '';
    }
  });
  model.pauseFailed.connect((_, why) => failed(trans, why));
}

function wordsOf(model: RuntimeModel, trans: TranslationBundle): string {
  const status = model.pause;
  const waiting = status?.waiting_for?.map(({ path }) => path).filter(Boolean);
  if (status?.state === 'waiting' && waiting?.length) {
    return trans.__('Pausing: waiting for %1 to end.', waiting.join(', '));
  }
  return status?.state === 'saved'
    ? trans.__('Pausing: everything is saved, the runtime stops now.')
    : trans.__('Pausing: saving the variables.');
}

function failed(trans: TranslationBundle, why: string): void {
  Notification.error(trans.__('Not paused, the runtime goes on. %1', why), { autoClose: false });
}
