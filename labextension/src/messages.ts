/** What the runtime's server sends and takes under BASE_URL/runtiles/api. The Python side decides. */

/** GET runtime. Empty strings where the server was not started by Runtiles. */
export interface IRuntime {
  runtime: string;
  tile: string;
  launch_id: string;
}

export interface ILoss {
  variable: string;
  type?: string;
  reason: string;
}

/** A kernel as a dry run of a pause finds it. */
export interface IPauseKernel {
  id: string;
  name: string;
  language: string;
  path: string;
  status: 'ready' | 'busy' | 'stuck' | 'not_carried';
  busy_seconds?: number | null;
  bytes?: number | null;
  variables?: number | null;
  losses?: ILoss[];
  notes?: unknown[];
  reason?: string | null;
}

/** An open terminal, or a detached tmux; what runs in it ends with the container. */
export interface IPauseTerminal {
  name: string;
  /** The program there; null at the prompt. */
  job: string | null;
  status: 'running' | 'background' | 'waiting' | 'prompt';
}

/** What a pause would save, and what it would lose. */
export interface IPausePreview {
  bytes: number;
  seconds: number;
  free?: number | null;
  kernels: IPauseKernel[];
  /** Of a service or a runtime that is older there are none. */
  terminals?: IPauseTerminal[];
}

export interface IPauseRequest {
  dry_run?: boolean;
  accept_loss?: boolean;
  interrupt?: boolean;
}

export type PauseState =
  'none' | 'waiting' | 'saving' | 'verifying' | 'saved' | 'failed' | 'released';

/** GET pause: how far a pause has come. */
export interface IPauseStatus {
  state: PauseState;
  snapshot?: string | null;
  waiting_for?: { path: string; busy_seconds?: number; stuck?: boolean }[];
  done?: number;
  total?: number;
  error?: IErrorBody | null;
}

/** What the runtime says by itself, over the events of its server. */
export const PAUSE_EVENT = 'https://runtiles.org/events/pause';

export interface IPauseEvent {
  state: PauseState;
}

export type EndCause = 'idle' | 'expired' | 'frozen';

/** When and how a runtime ends. `seconds` count from the answer: the clocks of two machines may differ. */
export interface IEnds {
  at: string;
  seconds: number;
  cause: EndCause;
  action: 'pause' | 'stop' | 'freeze';
}

/** How much is left to ask for; null is no limit. */
export interface IRoom {
  max_seconds: number | null;
}

/** What the service said last of this runtime's end. */
export interface IIdle {
  ends: IEnds | null;
  /** Why it is alive, in a sentence, with an hour in UTC: the moment `reason_at`. */
  reason: string;
  reason_at?: string | null;
  /** What was found when it was due and nothing was done. */
  found?: string | null;
  expires_at?: string | null;
  held_until?: string | null;
  /** The last warning that was given, in seconds before the end. */
  warning?: number | null;
  /** Seconds before the end at which to warn. */
  warnings?: number[];
  /** Of the reservation, beyond its present end; null where there is none, or nothing left. */
  extend?: IRoom | null;
  /** Of being kept though idle, from now; null where one may not. */
  hold?: IRoom | null;
}

/** GET idle, and the answer to a heartbeat. Null where the service has said nothing lately. */
export interface IIdleAnswer {
  told: IIdle | null;
}

/** A moment, or how long. An `until` of null ends a hold. */
export interface IWish {
  seconds?: number;
  until?: string | null;
}

/** What the service answers to one: the runtime, of which this is looked at. */
export interface IRuntimeAnswer {
  expires_at?: string | null;
  idle?: Partial<IIdle> | null;
}

/** The one error shape of every interface of Runtiles. */
export interface IErrorBody {
  code: string;
  message: string;
  hint?: string;
  details?: { hint?: string } & Record<string, unknown>;
}
