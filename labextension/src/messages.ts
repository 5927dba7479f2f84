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

/** What a pause would save, and what it would lose. */
export interface IPausePreview {
  bytes: number;
  seconds: number;
  free?: number | null;
  kernels: IPauseKernel[];
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
  waiting_for?: { path: string; busy_seconds?: number; stuck?: boolean }[];
  done?: number;
  total?: number;
  error?: IErrorBody | null;
}

/** The one error shape of every interface of Runtiles. */
export interface IErrorBody {
  code: string;
  message: string;
  hint?: string;
  details?: { hint?: string } & Record<string, unknown>;
}
