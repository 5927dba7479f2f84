import type { TranslationBundle } from '@jupyterlab/translation';

import { bytes, duration, fileName } from './format';
import type { ILoss, IPauseKernel, IPausePreview } from './messages';
import { atWork, inTerminals, told as toldOfTerminal } from './terminals';

/** A kernel with what it would lose, or a terminal. */
export interface IPauseItem {
  title: string;
  status: string;
  losses: string[];
}

/** What a person is told before a pause: sentences, and what there is. */
export interface IPauseTold {
  lead: string;
  warnings: string[];
  items: IPauseItem[];
  losing: boolean;
  busy: boolean;
}

/** More losses of one kernel than these are counted, not listed. */
const SHOWN = 12;

export function told(preview: IPausePreview, trans: TranslationBundle): IPauseTold {
  const { kernels, terminals = [] } = preview;
  const lost = kernels.reduce((sum, kernel) => sum + (kernel.losses?.length ?? 0), 0);
  const whole = kernels.filter(kernel => kernel.status === 'not_carried').length;
  const jobs = terminals.filter(atWork).length;
  const notebooks = kernels.map(kernel => ({
    title: fileName(kernel.path) || kernel.name,
    status: statusOf(kernel, trans),
    losses: losses(kernel.losses ?? [], trans)
  }));
  return {
    lead: lead(preview, trans),
    warnings: [...warnings(preview, lost, whole, trans), ...inTerminals(jobs, trans)],
    items: [...notebooks, ...terminals.map(terminal => toldOfTerminal(terminal, trans))],
    losing: lost + whole + jobs > 0,
    busy: kernels.some(kernel => kernel.status === 'busy' || kernel.status === 'stuck')
  };
}

function lead({ kernels, bytes: size, seconds }: IPausePreview, trans: TranslationBundle): string {
  const after = trans.__(
    'Then memory and GPUs are given back. After a resume this tab finds the same kernels again.'
  );
  if (!kernels.length) {
    return trans.__('No kernel is running, so there is nothing to save. %1', after);
  }
  const much = seconds >= 1 ? trans.__(', in about %1', duration(seconds)) : '';
  return trans.__('%1 of variables are saved%2. %3', bytes(size), much, after);
}

function warnings(
  { bytes: size, free }: IPausePreview,
  lost: number,
  whole: number,
  trans: TranslationBundle
): string[] {
  const said = [];
  if (lost) {
    said.push(
      trans._n(
        '%1 thing cannot be saved and would be lost. It is named below.',
        '%1 things cannot be saved and would be lost. They are named below.',
        lost
      )
    );
  }
  if (whole) {
    said.push(
      trans._n(
        'Everything that %1 kernel holds would be lost.',
        'Everything that %1 kernels hold would be lost.',
        whole
      )
    );
  }
  if (typeof free === 'number' && size > free) {
    said.push(trans.__('Your storage has %1 left: too little for %2.', bytes(free), bytes(size)));
  }
  return said;
}

function statusOf(kernel: IPauseKernel, trans: TranslationBundle): string {
  const since = kernel.busy_seconds ? duration(kernel.busy_seconds) : '';
  switch (kernel.status) {
    case 'busy':
      return since
        ? trans.__('busy for %1, the pause waits until its cell ends', since)
        : trans.__('busy, the pause waits until its cell ends');
    case 'stuck':
      return trans.__('does not answer, the pause waits until it does');
    case 'not_carried':
      return trans.__('not carried: %1', kernel.reason || kernel.language);
    default:
      return trans._n(
        '%1 variable, %2',
        '%1 variables, %2',
        kernel.variables ?? 0,
        bytes(kernel.bytes ?? 0)
      );
  }
}

function losses(all: ILoss[], trans: TranslationBundle): string[] {
  const named = all.slice(0, SHOWN).map(({ variable, type, reason }) => {
    const what = type ? `${variable} (${type})` : variable;
    return `${what}: ${reason}`;
  });
  const more = all.length - named.length;
  return more ? [...named, trans._n('and %1 more', 'and %1 more', more)] : named;
}
