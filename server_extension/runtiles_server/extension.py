"""The server extension of a runtime: the REST interface under BASE_URL/runtiles/api."""

from typing import Any, Dict, List

from jupyter_server.utils import url_path_join

from .api import SETTING
from .handlers import HANDLERS
from .runtime import Runtime


def _jupyter_server_extension_points() -> List[Dict[str, str]]:
    return [{"module": "runtiles_server.extension"}]


def _load_jupyter_server_extension(server_app: Any) -> None:
    server_app.web_app.settings[SETTING] = Runtime(server_app)
    base = url_path_join(server_app.web_app.settings["base_url"], "runtiles", "api")
    routes = [(url_path_join(base, path), handler) for path, handler in HANDLERS]
    server_app.web_app.add_handlers(".*$", routes)
