import type { ServerConnection } from '@jupyterlab/services';

import type { IRuntimeApi } from './api';
import { RefusedError } from './api';
import type { RuntimeModel } from './model';

type Fetch = ServerConnection.ISettings['fetch'];

/**
 * While the runtime is away, JupyterLab's own requests fail at once as if there was no network.
 *
 * Without it they reach the new server before this browser is signed in there, and JupyterLab takes that
 * refusal of a kernel for the kernel's death.
 */
export function gate(settings: ServerConnection.ISettings, api: IRuntimeApi, model: RuntimeModel): void {
  const ask = settings.fetch;
  const guarded: Fetch = async (input, init) => {
    if (model.isAway) {
      throw new TypeError('The runtime is away.');
    }
    const answer = await ask(input, init);
    if (answer.status === 403 && model.isRuntime && (await isForgotten(api))) {
      // It was started anew so fast that nobody missed it.
      model.lost();
      throw new TypeError('The runtime knows this browser no more.');
    }
    return answer;
  };
  (settings as { fetch: Fetch }).fetch = guarded;
}

/** Whether not this one request is refused, but the browser. */
async function isForgotten(api: IRuntimeApi): Promise<boolean> {
  try {
    await api.runtime();
    return false;
  } catch (error) {
    return error instanceof RefusedError && error.forbidden;
  }
}
