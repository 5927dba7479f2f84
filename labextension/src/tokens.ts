import { Token } from '@lumino/coreutils';

import type { IRuntimeApi as Api } from './api';
import type { IdleModel } from './idle/model';
import type { RuntimeModel } from './model';

export type IRuntimeModel = RuntimeModel;
export type IRuntimeApi = Api;
export type IIdleModel = IdleModel;

export const IRuntimeModel = new Token<IRuntimeModel>(
  'runtiles:IRuntimeModel',
  'What this runtime is and whether it runs, pauses or is away.'
);

export const IRuntimeApi = new Token<IRuntimeApi>(
  'runtiles:IRuntimeApi',
  "The interface of the runtime's server."
);

export const IIdleModel = new Token<IIdleModel>(
  'runtiles:IIdleModel',
  'When this runtime ends and why, as the service said last.'
);
