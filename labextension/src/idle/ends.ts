import type { IIdle, IRoom, IWish } from '../messages';

/** What is decided from what the service says. Pure. */

/** A runtime of a version that names no warnings is shown to end this long before. */
const NEAR_S = 600;
const MINUTE = 60;
const HOUR = 3600;
/** What Extend offers, as far as the cap allows. */
const STEPS = [15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 24 * HOUR];
/** Less than this is no help. */
const LEAST_S = MINUTE;

/** The warning that holds now, in seconds before the end; null while there is nothing to warn of. */
export function warningOf(told: IIdle | null): number | null {
  const ends = told?.ends;
  if (!ends || ends.cause === 'frozen') {
    return null;
  }
  if (!told.warnings) {
    return told.warning ?? null;
  }
  const reached = told.warnings.filter(each => each >= ends.seconds);
  return reached.length ? Math.min(...reached) : null;
}

/** In how many seconds it pauses by itself; null where it does not, or where it was left running. */
export function pausesIn(told: IIdle | null): number | null {
  const ends = told?.ends;
  if (!ends || ends.action !== 'pause' || leftRunning(told)) {
    return null;
  }
  return ends.seconds;
}

/** It was due, and there was a reason against it. */
export function leftRunning(told: IIdle): boolean {
  return Boolean(told.found && told.ends && told.ends.seconds <= 0);
}

/** Whether the end is so near that everybody should see it come. */
export function isNear(told: IIdle | null): boolean {
  const ends = told?.ends;
  return Boolean(ends) && ends!.seconds <= Math.max(NEAR_S, ...(told!.warnings ?? []));
}

/** Seconds that are left of the reservation; null without one. Both moments are the service's. */
export function reservationLeft(told: IIdle | null): number | null {
  if (!told?.expires_at || !told.ends) {
    return null;
  }
  const between = (Date.parse(told.expires_at) - Date.parse(told.ends.at)) / 1000;
  return Math.max(0, told.ends.seconds + between);
}

/** Where nothing is said of a limit, the service says so when it is asked. */
function roomIn(room: IRoom | null | undefined): number {
  return room === null ? 0 : (room?.max_seconds ?? Infinity);
}

/** Whether a person can move the end that comes first. */
export function canExtend(told: IIdle | null): boolean {
  return roomToExtend(told) >= LEAST_S;
}

/** By how many seconds the end that comes first can be moved: 0 not at all, Infinity without a limit. */
export function roomToExtend(told: IIdle | null): number {
  if (!told?.ends) {
    return 0;
  }
  return roomIn(told.ends.cause === 'expired' ? told.extend : told.hold);
}

/** For how many seconds from now it can be kept whatever happens: 0 not at all, Infinity without a limit. */
export function roomToKeep(told: IIdle | null): number {
  if (!told) {
    return 0;
  }
  const left = reservationLeft(told);
  return Math.min(roomIn(told.hold), left === null ? Infinity : left + roomIn(told.extend));
}

export function canKeep(told: IIdle | null): boolean {
  return roomToKeep(told) >= LEAST_S;
}

/** Seconds to choose from, the last one being the cap where that is near. */
export function choices(room: number): number[] {
  const offered = STEPS.filter(each => each <= room);
  const most = offered[offered.length - 1] ?? 0;
  const isWhole = room - most < MINUTE || room > STEPS[STEPS.length - 1];
  return isWhole ? offered : [...offered, Math.floor(room / MINUTE) * MINUTE];
}

export interface IAsked {
  action: 'extend' | 'hold';
  wish: IWish;
}

/** The end that comes first is moved by so many seconds; of an idle runtime it is counted from now. */
export function toExtend(told: IIdle | null, seconds: number): IAsked[] {
  const action = told?.ends?.cause === 'expired' ? 'extend' : 'hold';
  return [{ action, wish: { seconds } }];
}

/**
 * Neither the reservation nor idleness ends it in the next `seconds`. What may be refused is asked first:
 * then nothing has changed.
 */
export function toKeep(told: IIdle | null, seconds: number): IAsked[] {
  const left = reservationLeft(told);
  const hold: IAsked = { action: 'hold', wish: { seconds } };
  if (left === null || left >= seconds) {
    return [hold];
  }
  return [{ action: 'extend', wish: { seconds: Math.ceil(seconds - left) } }, hold];
}
