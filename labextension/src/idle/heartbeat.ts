/** Somebody at work is told of once in this time, however much they type. */
const STEP_MS = 60_000;
const EVENTS = ['keydown', 'pointerdown', 'wheel'] as const;

/** What of a page decides whether a person looks at it. */
export interface ILooked {
  hidden: boolean;
  hasFocus(): boolean;
}

/** What of an event decides whether a person made it. */
export interface IDone {
  isTrusted: boolean;
  repeat?: boolean;
}

/**
 * Calls `tell` when a person does something in a page that they look at, and never otherwise: not by a
 * timer, not for a script's event, not for a key that is only held down.
 */
export class Heartbeat {
  constructor(
    private _tell: () => void,
    private _page: ILooked,
    private _clock: () => number = () => performance.now()
  ) {}

  done(event: IDone): void {
    if (!event.isTrusted || event.repeat || this._page.hidden || !this._page.hasFocus()) {
      return;
    }
    const now = this._clock();
    if (now - this._last >= STEP_MS) {
      this._last = now;
      this._tell();
    }
  }

  private _last = -Infinity;
}

/** From now on `heartbeat` hears of all that is done in the page. */
export function listen(heartbeat: Heartbeat, page: Document): void {
  for (const name of EVENTS) {
    // Before anybody can stop the event on its way.
    page.addEventListener(name, event => heartbeat.done(event), { capture: true, passive: true });
  }
}
