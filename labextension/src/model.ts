import { ISignal, Signal } from '@lumino/signaling';

import type { IPauseStatus, IRuntime, PauseState } from './messages';

/**
 * `away` is a server that does not answer for a reason that this page does not know; `paused` one that
 * went away with its variables saved.
 */
export type Phase = 'unknown' | 'running' | 'pausing' | 'paused' | 'away';

/** States of a pause in which work goes on, or has come to its end. */
const ACTIVE: PauseState[] = ['waiting', 'saving', 'verifying', 'saved'];
/** So long before a pause that comes by itself it is looked for. */
const SOON_MS = 15_000;
/** How many answers `none` a pause that was just asked for may get: the service has to reach the runtime. */
const PATIENCE = 20;

/**
 * What is known of this runtime. Nothing here asks or draws: plug-ins tell it what they saw.
 */
export class RuntimeModel {
  /** Anything below has changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The server answers again after it was away. */
  get returned(): ISignal<this, void> {
    return this._returned;
  }

  /** A pause has ended with the runtime still running; the argument says why. */
  get pauseFailed(): ISignal<this, string> {
    return this._pauseFailed;
  }

  /** Null until the server has answered; `runtime` is empty on a server that is none of ours. */
  get runtime(): IRuntime | null {
    return this._runtime;
  }

  get phase(): Phase {
    return this._phase;
  }

  get pause(): IPauseStatus | null {
    return this._pause;
  }

  /** It is to pause by itself now, or was when it was heard of last. */
  get isDue(): boolean {
    return this._pausesAt !== null && this._pausesAt - Date.now() <= SOON_MS;
  }

  /** Whether the server was started by Runtiles. */
  get isRuntime(): boolean {
    return Boolean(this._runtime?.runtime);
  }

  /** No request of anybody gets an answer. */
  get isAway(): boolean {
    return this._phase === 'away' || this._phase === 'paused';
  }

  /** The server has answered. */
  here(runtime: IRuntime): void {
    const back = this.isAway;
    this._runtime = runtime;
    if (back) {
      this._pause = null;
      this._pausesAt = null;
    }
    if (back || this._phase === 'unknown') {
      this._phase = 'running';
    }
    this._changed.emit();
    if (back) {
      this._returned.emit();
    }
  }

  /** The server does not answer. */
  lost(): void {
    if (this.isAway) {
      return;
    }
    this._phase = this._pause?.state === 'saved' ? 'paused' : 'away';
    this._changed.emit();
  }

  /** When it is to pause by itself, on this browser's clock; null for never. */
  expects(pausesAt: number | null): void {
    if (this.isAway) {
      return;
    }
    this._pausesAt = pausesAt;
    if (this.isDue !== this._wasDue) {
      this._wasDue = this.isDue;
      this._changed.emit();
    }
  }

  /** Somebody on this page has asked for a pause. The runtime may have told of it before. */
  pausing(): void {
    if (this._phase === 'pausing' || this.isAway) {
      return;
    }
    this._patience = PATIENCE;
    this.pauseSeen({ state: 'waiting' });
  }

  /** How far a pause is, whoever asked for it. */
  pauseSeen(status: IPauseStatus): void {
    if (this.isAway) {
      return;
    }
    const isOver = Boolean(status.snapshot) && status.snapshot === this._over;
    if ((status.state === 'none' || isOver) && this._patience > 0) {
      this._patience -= 1;
      return;
    }
    const wasPausing = this._phase === 'pausing';
    const active = ACTIVE.includes(status.state);
    if (!active) {
      this._over = status.snapshot ?? null;
    }
    if (!active && !wasPausing) {
      return;
    }
    this._pause = active ? status : null;
    this._patience = status.state === 'waiting' ? this._patience : 0;
    this._phase = active ? 'pausing' : 'running';
    this._changed.emit();
    if (!active) {
      this._pauseFailed.emit(whyNot(status));
    }
  }

  /**
   * The runtime said by itself how far a pause is. One may be over before this page would have asked, and
   * the word may come after the page has missed its server.
   */
  pauseTold(state: PauseState): void {
    if (this._phase === 'away' && state === 'saved') {
      this._pause = { state };
      this._phase = 'paused';
      this._changed.emit();
    } else if (ACTIVE.includes(state)) {
      this.pauseSeen({ ...this._pause, state });
      // The answer to an earlier question may still be on its way.
      this._patience = Math.max(this._patience, 1);
    }
  }

  private _runtime: IRuntime | null = null;
  private _phase: Phase = 'unknown';
  private _pause: IPauseStatus | null = null;
  private _patience = 0;
  /** The snapshot of the last pause that came to nothing. */
  private _over: string | null = null;
  private _pausesAt: number | null = null;
  private _wasDue = false;
  private _changed = new Signal<this, void>(this);
  private _returned = new Signal<this, void>(this);
  private _pauseFailed = new Signal<this, string>(this);
}

/** Why a pause did not come to a stop; empty where nobody said. */
export function whyNot(status: IPauseStatus): string {
  const { error } = status;
  return error ? `${error.message} ${error.hint ?? error.details?.hint ?? ''}`.trim() : '';
}

/** Between 0 and 1; undefined while there is nothing to measure. */
export function progressOf(status: IPauseStatus | null): number | undefined {
  if (!status?.total) {
    return undefined;
  }
  return Math.min(1, (status.done ?? 0) / status.total);
}
