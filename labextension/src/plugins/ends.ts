import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { IMainMenu } from '@jupyterlab/mainmenu';
import { ITranslator, TranslationBundle } from '@jupyterlab/translation';

import { commandIds } from '../commands';
import { canExtend, canKeep, IAsked, roomToExtend, roomToKeep, toExtend, toKeep } from '../idle/ends';
import type { IdleModel } from '../idle/model';
import { showWarnings } from '../idle/warnings';
import { details } from '../idle/words';
import type { IRuntimeAnswer } from '../messages';
import { IIdleModel, IRuntimeApi, IRuntimeModel } from '../tokens';

/** After Pause, which has 98; before `Shut Down`, which has 99. */
const MENU_RANK = 98.5;
const NO_ARGUMENTS = { args: { type: 'object', properties: {} } } as const;

/** Warnings before the end, and the answers to them. */
export const ends: JupyterFrontEndPlugin<void> = {
  id: 'runtiles:ends',
  description: 'Warns before this runtime ends, and lets people extend or keep it.',
  autoStart: true,
  requires: [IRuntimeApi, IRuntimeModel, IIdleModel, ITranslator],
  optional: [ICommandPalette, IMainMenu],
  activate: (
    app: JupyterFrontEnd,
    api: IRuntimeApi,
    runtime: IRuntimeModel,
    idle: IIdleModel,
    translator: ITranslator,
    palette: ICommandPalette | null,
    menu: IMainMenu | null
  ) => {
    const trans = translator.load('runtiles');
    const answers = new Answers(api, idle, () => runtime.runtime?.runtime ?? '', trans);
    addCommands(app, runtime, idle, answers, trans);
    const commands = [commandIds.extend, commandIds.keep, commandIds.release];
    for (const command of commands) {
      palette?.addItem({ command, category: trans.__('Runtime') });
    }
    menu?.fileMenu.addGroup(
      commands.map(command => ({ command })),
      MENU_RANK
    );
    const refresh = () => commands.forEach(id => app.commands.notifyCommandChanged(id));
    runtime.changed.connect(refresh);
    idle.changed.connect(refresh);
    showWarnings(app.commands, runtime, idle, trans);
  }
};

function addCommands(
  { commands }: JupyterFrontEnd,
  runtime: IRuntimeModel,
  idle: IIdleModel,
  answers: Answers,
  trans: TranslationBundle
): void {
  const isRunning = () => runtime.isRuntime && runtime.phase === 'running';
  commands.addCommand(commandIds.extend, {
    label: trans.__('Extend Runtime…'),
    caption: trans.__('Move the end that comes first'),
    isEnabled: () => isRunning() && canExtend(idle.told),
    isVisible: () => runtime.isRuntime,
    describedBy: numberOf('seconds', trans.__('By how long; without it a dialog asks')),
    execute: args => answers.extend(secondsIn(args.seconds))
  });
  commands.addCommand(commandIds.keep, {
    label: trans.__('Keep Runtime Until…'),
    caption: trans.__('Neither idleness nor the end of its reservation ends it before'),
    isEnabled: () => isRunning() && canKeep(idle.told),
    isVisible: () => runtime.isRuntime,
    describedBy: numberOf('seconds', trans.__('For how long from now; without it a dialog asks')),
    execute: args => answers.keep(secondsIn(args.seconds))
  });
  commands.addCommand(commandIds.release, {
    label: trans.__('Keep Runtime No Longer'),
    caption: trans.__('It may end again when nobody uses it'),
    isEnabled: isRunning,
    isVisible: () => runtime.isRuntime && Boolean(idle.told?.held_until),
    describedBy: NO_ARGUMENTS,
    execute: () => answers.release()
  });
}

/** What people do about the end that comes. */
class Answers {
  constructor(
    private _api: IRuntimeApi,
    private _idle: IdleModel,
    private _name: () => string,
    private _trans: TranslationBundle
  ) {}

  async extend(seconds: number | null): Promise<void> {
    const { askHowLong } = await import('../widgets/keepDialog');
    const room = roomToExtend(this._idle.told);
    const wish = seconds ?? (await askHowLong(this._name(), this._lead(), room, this._trans));
    if (wish !== null) {
      await this._ask(toExtend(this._idle.told, wish));
    }
  }

  async keep(seconds: number | null): Promise<void> {
    const { askUntilWhen } = await import('../widgets/keepDialog');
    const room = roomToKeep(this._idle.told);
    const wish = seconds ?? (await askUntilWhen(this._name(), this._lead(), room, this._trans));
    if (wish !== null) {
      await this._ask(toKeep(this._idle.told, wish));
    }
  }

  release(): Promise<void> {
    return this._ask([{ action: 'hold', wish: { until: null } }]);
  }

  private async _ask(asked: IAsked[]): Promise<void> {
    let answer: IRuntimeAnswer | null = null;
    try {
      for (const { action, wish } of asked) {
        answer = await this._api[action](wish);
      }
    } catch (error) {
      const why = (error as Error).message;
      const text = answer
        ? this._trans.__('The reservation was extended, but no more than that. %1', why)
        : this._trans.__('The end was not moved. %1', why);
      Notification.error(text, { autoClose: false });
    }
    if (answer) {
      this._idle.settle(answer);
    }
  }

  private _lead(): string[] {
    return details(this._idle.told, this._trans);
  }
}

function secondsIn(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function numberOf(name: string, description: string) {
  return { args: { type: 'object', properties: { [name]: { type: 'number', description } } } };
}
