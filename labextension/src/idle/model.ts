import { ISignal, Signal } from '@lumino/signaling';

import type { EndCause, IIdle, IRuntimeAnswer } from '../messages';
import { warningOf } from './ends';

/** Two answers on the same end differ by what the way took; whoever moves it moves it by a minute. */
const SAME_END_MS = 30_000;

/** Both in milliseconds since the epoch. */
export function sameEnd(one: number, other: number): boolean {
  return Math.abs(one - other) <= SAME_END_MS;
}

/** The warning that somebody answered, and the end that it was of. */
interface IAnswered {
  end: number;
  cause: EndCause | null;
  warning: number;
}

/**
 * What the service said last of this runtime's end, and whether to warn of it. Nothing here asks or draws.
 *
 * A warning that was answered does not come again for the same end, also where the next reading is still
 * one of before. One that is nearer to the end does.
 */
export class IdleModel {
  /** There is news, or the time that is left has become less. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Somebody has answered in this tab. */
  get settled(): ISignal<this, void> {
    return this._settled;
  }

  get told(): IIdle | null {
    return this._told;
  }

  /** The warning to show, in seconds before the end; null for none, or for one that was answered. */
  get warning(): number | null {
    const due = warningOf(this._told);
    const { end, cause, warning } = this._answered;
    // Idleness and a reservation may end at the same moment: who moved the one has not heard of the other.
    const same = this._told?.ends?.cause === cause && sameEnd(this._end(), end);
    return due !== null && same && due >= warning ? null : due;
  }

  /** Null: the service has said nothing lately, and without it nothing ends. */
  heard(told: IIdle | null): void {
    this._told = told;
    this._changed.emit();
  }

  /** Somebody answered the present warning, here or in another tab. */
  answered(): void {
    const cause = this._told?.ends?.cause ?? null;
    this._answered = { end: this._end(), cause, warning: warningOf(this._told) ?? Infinity };
    this._changed.emit();
  }

  /** The service has taken the answer of this tab; `runtime` is what it said. */
  settle(runtime: IRuntimeAnswer): void {
    this.answered();
    if (this._told && runtime.idle && 'ends' in runtime.idle) {
      this.heard({ ...this._told, ...runtime.idle, expires_at: runtime.expires_at });
    }
    this._settled.emit();
  }

  /** NaN, which is near to nothing, where no end is known. */
  private _end(): number {
    return Date.parse(this._told?.ends?.at ?? '');
  }

  private _told: IIdle | null = null;
  private _answered: IAnswered = { end: NaN, cause: null, warning: Infinity };
  private _settled = new Signal<this, void>(this);
  private _changed = new Signal<this, void>(this);
}
