import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import { commandIds } from '../commands';
import type { RuntimeModel } from '../model';
import { IdleModel, sameEnd } from './model';
import { warningText } from './words';

interface IShown {
  due: number;
  end: number;
}

/** One notification for the end that comes, brought back at each warning, gone when that end is. */
export function showWarnings(
  commands: CommandRegistry,
  runtime: RuntimeModel,
  idle: IdleModel,
  trans: TranslationBundle
): void {
  let id = '';
  let shown: IShown | null = null;
  const show = () => {
    const due = runtime.phase === 'running' ? idle.warning : null;
    if (due === null) {
      shown = null;
      void (id && Notification.dismiss(id));
      id = '';
      return;
    }
    const before = shown;
    shown = { due, end: Date.parse(idle.told!.ends!.at) };
    if (before?.due === due && sameEnd(before.end, shown.end)) {
      // Whoever has hidden it is left alone.
      return;
    }
    const message = warningText(runtime.runtime?.runtime ?? '', idle.told!, trans);
    const options = { autoClose: false as const, actions: actions(commands, trans) };
    if (!Notification.update({ id, message, type: 'warning', ...options })) {
      id = Notification.warning(message, options);
    }
  };
  runtime.changed.connect(show);
  idle.changed.connect(show);
}

/** What can be answered now. */
function actions(commands: CommandRegistry, trans: TranslationBundle): Notification.IAction[] {
  const answers: [string, string][] = [
    [trans.__('Extend…'), commandIds.extend],
    [trans.__('Keep until…'), commandIds.keep],
    [trans.__('Pause now'), commandIds.pause]
  ];
  return answers
    .filter(([, command]) => commands.isEnabled(command))
    .map(([label, command], index) => ({
      label,
      displayType: index ? 'default' : 'accent',
      callback: event => {
        // It stays until the end has moved: the dialog may be cancelled, the wish refused.
        event.preventDefault();
        void commands.execute(command);
      }
    }));
}
