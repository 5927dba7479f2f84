"""The server extension of a runtime: the REST interface under BASE_URL/runtiles/api."""

from typing import Any, Dict, List

from jupyter_server.utils import url_path_join
from tornado.ioloop import PeriodicCallback

from .api import SETTING
from .handlers import HANDLERS
from .kernels.ours import leave_out_ours
from .kernels.starting import restore_before_listening
from .runtime import Runtime
from .transfer.places import sweep_all

#: How exactly it is known since when a kernel has been busy.
_LOOK_MS = 1000


def _jupyter_server_extension_points() -> List[Dict[str, str]]:
    return [{"module": "runtiles_server.extension"}]


def _load_jupyter_server_extension(server_app: Any) -> None:
    runtime = server_app.web_app.settings[SETTING] = Runtime(server_app)
    base = url_path_join(server_app.web_app.settings["base_url"], "runtiles", "api")
    routes = [(url_path_join(base, path), handler) for path, handler in HANDLERS]
    server_app.web_app.add_handlers(".*$", routes)
    leave_out_ours(server_app.kernel_manager)
    server_app.io_loop.add_callback(PeriodicCallback(runtime.clock.look, _LOOK_MS).start)
    sweep_all(runtime)
    if runtime.state.snapshot:
        restore_before_listening(runtime)
    # After what is restored: that runs on the same loop.
    server_app.io_loop.add_callback(runtime.activity.start)
    _stop_with(server_app, runtime)


def _stop_with(server_app: Any, runtime: Runtime) -> None:
    """A plain extension is told of no end: the server's own step there takes ours along."""
    original = getattr(server_app, "cleanup_extensions", None)
    if original is None:
        return

    async def cleanup_extensions() -> None:
        await runtime.activity.stop()
        await original()

    server_app.cleanup_extensions = cleanup_extensions
