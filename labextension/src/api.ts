import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import type {
  IErrorBody,
  IIdle,
  IIdleAnswer,
  IPausePreview,
  IPauseRequest,
  IPauseStatus,
  IRuntime,
  IRuntimeAnswer,
  IWish
} from './messages';

/** What the runtime (or the service behind it) refused, in words for a person. */
export class RefusedError extends Error {
  constructor(
    readonly status: number,
    body: IErrorBody
  ) {
    const hint = body.hint ?? body.details?.hint ?? '';
    super(`${body.message} ${hint}`.trim());
    this.code = body.code;
  }

  readonly code: string;

  /** The server knows this browser no more, as after a new start; or the person may not do this. */
  get forbidden(): boolean {
    return this.status === 401 || this.status === 403;
  }
}

/** Nobody is there to answer: the network, or the Hub in the place of a server that does not run. */
export class AwayError extends Error {}

export interface IRuntimeApi {
  runtime(): Promise<IRuntime>;
  pauseStatus(): Promise<IPauseStatus>;
  previewPause(): Promise<IPausePreview>;
  pause(request: IPauseRequest): Promise<void>;
  idle(): Promise<IIdle | null>;
  /** Somebody types or clicks. The answer is that of `idle`. */
  input(): Promise<IIdle | null>;
  extend(wish: IWish): Promise<IRuntimeAnswer>;
  hold(wish: IWish): Promise<IRuntimeAnswer>;
  signIn(): Promise<void>;
}

const AWAY = [424, 502, 503, 504];

/** The only file that asks the server for anything of ours. */
export class RuntimeApi implements IRuntimeApi {
  /** Keeps the settings as they are now: what is put between JupyterLab and its server is not for us. */
  constructor(settings: ServerConnection.ISettings) {
    this._settings = { ...settings };
  }

  runtime(): Promise<IRuntime> {
    return this._ask('runtime');
  }

  pauseStatus(): Promise<IPauseStatus> {
    return this._ask('pause');
  }

  previewPause(): Promise<IPausePreview> {
    return this._ask('runtime/pause', { dry_run: true });
  }

  async pause(request: IPauseRequest): Promise<void> {
    await this._ask('runtime/pause', { ...request, dry_run: false });
  }

  async idle(): Promise<IIdle | null> {
    return (await this._ask<IIdleAnswer>('idle')).told;
  }

  async input(): Promise<IIdle | null> {
    return (await this._ask<IIdleAnswer>('activity/input', {})).told;
  }

  extend(wish: IWish): Promise<IRuntimeAnswer> {
    return this._ask('runtime/extend', wish);
  }

  hold(wish: IWish): Promise<IRuntimeAnswer> {
    return this._ask('runtime/hold', wish);
  }

  /**
   * A page of the server, asked for as a person's navigation would: it leads through the Hub, which knows
   * the person, and leaves this browser with cookies of the new server.
   */
  async signIn(): Promise<void> {
    const url = URLExt.join(this._settings.baseUrl, 'lab');
    // As for an image: with any other mode the server takes it for a forgery, and sends it round in circles.
    await fetch(url, { mode: 'no-cors', credentials: 'same-origin', cache: 'no-store' });
  }

  private async _ask<T>(path: string, body?: object): Promise<T> {
    const url = URLExt.join(this._settings.baseUrl, 'runtiles/api', path);
    const init: RequestInit = body
      ? { method: 'POST', body: JSON.stringify(body) }
      : { cache: 'no-store' };
    let response: Response;
    try {
      response = await ServerConnection.makeRequest(url, init, this._settings);
    } catch (error) {
      throw new AwayError(String(error));
    }
    const answer = await json(response);
    if (response.ok) {
      return answer as T;
    }
    throw refusal(response.status, answer);
  }

  private _settings: ServerConnection.ISettings;
}

/** Which error an answer is. Only the service behind the runtime writes `error` with a code. */
export function refusal(status: number, answer: unknown): Error {
  const body = (answer as { error?: IErrorBody } | null)?.error;
  if (body && typeof body === 'object' && body.message) {
    return new RefusedError(status, body);
  }
  if (AWAY.includes(status)) {
    return new AwayError(`HTTP ${status}`);
  }
  const message =
    status === 404
      ? 'This runtime was started by an older version of Runtiles. Stop it and start it once.'
      : `The server answered with HTTP ${status}.`;
  return new RefusedError(status, { code: 'http', message });
}

async function json(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}
