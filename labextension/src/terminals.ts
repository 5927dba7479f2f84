import type { TranslationBundle } from '@jupyterlab/translation';

import type { IPauseTerminal } from './messages';
import type { IPauseItem } from './preview';

/** Would something be lost that a person should be asked about? An editor that is open is none. */
export function atWork({ status }: IPauseTerminal): boolean {
  return status === 'running' || status === 'background';
}

/** The warning for so many programs, if there are any. */
export function inTerminals(jobs: number, trans: TranslationBundle): string[] {
  return jobs
    ? [
        trans._n(
          '%1 program in a terminal would be ended. It is named below.',
          '%1 programs in terminals would be ended. They are named below.',
          jobs
        )
      ]
    : [];
}

export function told({ name, job, status }: IPauseTerminal, trans: TranslationBundle): IPauseItem {
  // A terminal has a number; a detached tmux or screen goes by its own name.
  const title = /^\d+$/.test(name) ? trans.__('Terminal %1', name) : name;
  return { title, status: words(job || trans.__('a program'), status, trans), losses: [] };
}

function words(job: string, status: IPauseTerminal['status'], trans: TranslationBundle): string {
  switch (status) {
    case 'running':
      return trans.__('%1 runs there, and would be ended', job);
    case 'background':
      return trans.__('%1 runs in the background, and would be ended', job);
    case 'waiting':
      return trans.__('%1 is open there, and would be closed', job);
    default:
      return trans.__('at its prompt, would be closed');
  }
}
