import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ISessionContext } from '@jupyterlab/apputils';
import type { Kernel } from '@jupyterlab/services';
import type { Widget } from '@lumino/widgets';

const AREAS = ['main', 'left', 'right', 'down'];

/** What documents (notebooks, editors with a console) and consoles have; each names it in its own way. */
interface ISessionHolder {
  sessionContext?: ISessionContext;
  context?: { sessionContext?: ISessionContext };
}

/** The session of each open notebook, console and other document, each once. */
export function openSessions(shell: JupyterFrontEnd.IShell): Set<ISessionContext> {
  const found = new Set<ISessionContext>();
  for (const area of AREAS) {
    for (const widget of widgetsIn(shell, area)) {
      const holder = widget as Widget & ISessionHolder;
      const session = holder.context?.sessionContext ?? holder.sessionContext;
      if (session && !session.isDisposed) {
        found.add(session);
      }
    }
  }
  return found;
}

/**
 * Connect again whatever kernel lost its connection. The server decides first which sessions still exist:
 * one that is gone loses its kernel as after any restart.
 */
export async function reconnectAll(sessions: Iterable<ISessionContext>): Promise<void> {
  await Promise.all([...sessions].map(reconnect));
}

async function reconnect(context: ISessionContext): Promise<void> {
  const kernel = context.session?.kernel;
  if (!kernel || kernel.isDisposed) {
    return;
  }
  if (kernel.status === 'dead') {
    // A dead connection never speaks again, also when its kernel does: it takes a new one.
    await context.changeKernel({ id: kernel.id } as Kernel.IModel);
  } else if (kernel.connectionStatus !== 'connected') {
    await kernel.reconnect();
    // Any answer tells its state; without one it is shown as unknown until the next cell.
    await kernel.requestKernelInfo();
  }
}

function* widgetsIn(shell: JupyterFrontEnd.IShell, area: string): Iterable<Widget> {
  try {
    yield* shell.widgets(area);
  } catch {
    // Not every application has every area.
  }
}
