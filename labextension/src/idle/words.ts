import type { TranslationBundle } from '@jupyterlab/translation';

import type { IIdle } from '../messages';
import { isNear, leftRunning, reservationLeft } from './ends';

/** What people read of an end. Pure. */

/** How a sentence of the service names a moment. */
const HOUR = /(?:\d{1,2} [A-Z][a-z]{2} )?\d\d:\d\d UTC/;

/** Seconds in minutes, or hours and minutes: never more than is left. */
export function span(seconds: number, trans: TranslationBundle): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) {
    return minutes < 1 ? trans.__('less than 1 min') : trans.__('%1 min', minutes);
  }
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) {
    return trans.__('%1 days', Math.floor(hours / 24));
  }
  return minutes % 60 ? trans.__('%1 h %2 min', hours, minutes % 60) : trans.__('%1 h', hours);
}

/** A moment that is so many seconds away, on this reader's clock: `17:40`, or with its day. */
export function moment(seconds: number, now: Date = new Date(), locale?: string): string {
  const at = new Date(now.getTime() + 1000 * seconds);
  const hour = at.toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit' });
  if (at.toDateString() === now.toDateString()) {
    return hour;
  }
  const day = { weekday: 'short', day: 'numeric', month: 'short' } as const;
  return `${at.toLocaleDateString(locale, day)}, ${hour}`;
}

/** For the status bar: `pauses in 9 min` when the end is near, else what is left of a reservation. */
export function shortly(told: IIdle | null, trans: TranslationBundle): string {
  const ends = told?.ends;
  if (!told || !ends) {
    return '';
  }
  if (leftRunning(told)) {
    return trans.__('idle, left running');
  }
  if (isNear(told)) {
    return does(ends.action, trans.__('in %1', span(ends.seconds, trans)), trans);
  }
  const left = reservationLeft(told);
  return left === null ? '' : trans.__('%1 left', span(left, trans));
}

/** What everybody is warned with. It stays true for as long as it is shown: the status bar counts down. */
export function warningText(
  name: string,
  told: IIdle,
  trans: TranslationBundle,
  now: Date = new Date(),
  locale?: string
): string {
  const ends = told.ends!;
  if (leftRunning(told)) {
    return told.found!;
  }
  const at = trans.__('at %1', moment(ends.seconds, now, locale));
  const why =
    ends.cause === 'expired' ? trans.__('Its reservation ends.') : trans.__('Nobody uses it.');
  return trans.__('%1 %2. %3', name, does(ends.action, at, trans), why);
}

/** All that is known, for the title of the status item. */
export function details(told: IIdle | null, trans: TranslationBundle, now: Date = new Date()): string[] {
  if (!told) {
    return [];
  }
  const left = reservationLeft(told);
  const said = told.reason ? [reasonText(told, now)] : [];
  if (leftRunning(told)) {
    said.push(told.found!);
  }
  if (left !== null) {
    said.push(trans.__('Its reservation ends at %1.', moment(left, now)));
  }
  return said;
}

/** Why it is alive, with the hour of this reader's clock. */
function reasonText({ reason, reason_at: at }: IIdle, now: Date): string {
  const seconds = (Date.parse(at ?? '') - now.getTime()) / 1000;
  return Number.isFinite(seconds) ? reason.replace(HOUR, moment(seconds, now)) : reason;
}

function does(action: string, when: string, trans: TranslationBundle): string {
  switch (action) {
    case 'stop':
      return trans.__('stops %1', when);
    case 'freeze':
      return trans.__('freezes %1', when);
    default:
      return trans.__('pauses %1', when);
  }
}
