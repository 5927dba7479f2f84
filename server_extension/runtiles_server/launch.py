"""The container's first process: `python -m runtiles_server.launch`.

It fetches the LaunchSpec with the server's own token, brings the workspace, runs the startup hook and
becomes the single-user server (or runs the tile's Command). The server starts whatever fails on the way,
unless the tile requires its workspace; each failure is an event on stdout and a notice in the server.
"""

import os
import shutil
import socket
import sys
import tempfile
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Dict, Mapping, Optional
from urllib.parse import urlsplit

from runtiles.contract.protocol import ENV_CPU_THRESHOLD, ENV_GPU_THRESHOLD, ENV_SECRET_NAMES
from runtiles.contract.spec import LaunchSpec

from . import example, hooks, keys, places, quick, runtime_state, shims
from .children import Terminated, raise_on_signal
from .command import Execute, classify
from .execute import execute
from .hub_client import SpecUnavailable, fetch_spec, open_upload, read_token
from .placing import write_notice
from .report import Problem, Reporter
from .runtime_state import ENV_STATE_FILE, RuntimeState
from .secret_files import NotWritten, SecretFiles
from .server import arguments_for, failed_to_import, run_server
from .settings import Settings, hub_defaults
from .workspace import Workspace, prepare

_PROTECTED = ("JUPYTERHUB_", "JPY_", "RUNTILES_")
_OF_TILES = (ENV_CPU_THRESHOLD, ENV_GPU_THRESHOLD)


class WorkspaceRequired(Exception):
    """The clone failed and the tile cannot do without."""


class Launcher:
    """One launch, in order. Each step reports for itself and leaves the next one a world to work in."""

    def __init__(
        self,
        settings: Settings,
        reporter: Reporter,
        private: Path,
        secrets: SecretFiles,
        keys_place: SecretFiles,
    ) -> None:
        self._settings = settings
        self._reporter = reporter
        self._private = private
        self._secrets = secrets
        self._keys = keys_place
        self._folder = Path()
        self._workspace = Workspace("empty")
        self._no_spec: Optional[Problem] = None

    def run(self) -> int:
        """The exit code of the server or the command."""
        self._find_places()
        imports = quick.BackgroundImport()
        token = read_token(self._settings.token_file, os.environ)
        # Git and the hook have no use for it.
        for name in ("JUPYTERHUB_API_TOKEN", "JPY_API_TOKEN"):
            os.environ.pop(name, None)
        spec = self._spec(token)
        os.environ.update(_allowed(spec.environment))
        os.environ[ENV_SECRET_NAMES] = " ".join(spec.secret_names)
        os.environ.update(self._secret_files(spec))
        self._bring_workspace(spec, token)
        self._run_hook(spec)
        opens = self._example(spec)
        os.environ.update(hub_defaults(os.environ))
        os.environ["JUPYTERHUB_API_TOKEN"] = token
        return self._serve(spec, self._state(opens, spec), imports)

    def _find_places(self) -> None:
        settings, environ = self._settings, os.environ
        environ.update(places.home_environment(environ))
        environ.update(places.python_path(environ, sys.prefix, sys.base_prefix))
        environ.update(places.jupyter_environment(environ, settings.storage, settings.runtime))
        wanted = settings.workspace or settings.root_dir or Path(environ["HOME"])
        self._folder, problem = places.workspace_folder(wanted, Path(environ["HOME"]))
        if problem is not None:
            self._reporter.notice("starting", problem)
        os.chdir(self._folder)

    def _spec(self, token: str) -> LaunchSpec:
        if not self._settings.launch_url:
            return LaunchSpec()
        try:
            return fetch_spec(
                self._settings.launch_url, token, os.environ, self._settings.service_patience
            )
        except SpecUnavailable as error:
            self._reporter.notice("starting", error.problem)
            self._no_spec = error.problem
            return LaunchSpec()

    def _secret_files(self, spec: LaunchSpec) -> Dict[str, str]:
        try:
            return self._secrets.write(_allowed(spec.secret_files), os.environ)
        except NotWritten as error:
            self._reporter.notice("starting", error.problem)
            return {}

    def _keys_file(self, spec: LaunchSpec) -> str:
        """In memory where there is such a place, otherwise in the launcher's own folder."""
        text = keys.text_of(spec)
        if not text:
            return ""
        with suppress(NotWritten):
            return self._keys.write({"keys": text}, os.environ)["keys_FILE"]
        path = self._private / "keys"
        path.touch(mode=0o600)
        path.write_text(text, encoding="ascii")
        return str(path)

    def _bring_workspace(self, spec: LaunchSpec, token: str) -> None:
        url = self._settings.launch_url
        self._workspace = prepare(
            spec.workspace,
            self._folder,
            self._private,
            self._reporter,
            self._settings.clone_timeout,
            partial(open_upload, url, token, os.environ) if url else None,
        )
        # A clone replaces the folder: the old one, and with it the current directory, is gone.
        os.chdir(self._folder)
        if self._no_spec is not None and self._workspace.state == "empty":
            write_notice(self._folder, self._no_spec)
        problem = self._workspace.problem
        if problem is not None and spec.workspace.required:
            self._reporter.failed("workspace", problem)
            raise WorkspaceRequired

    def _run_hook(self, spec: LaunchSpec) -> None:
        if not spec.startup_hook.strip():
            return
        result = hooks.run_hook(
            spec.startup_hook,
            self._folder,
            self._private,
            os.environ,
            self._reporter,
            self._settings.hook_timeout,
        )
        os.environ.update(result.changes)
        for name in result.removed:
            os.environ.pop(name, None)

    def _example(self, spec: LaunchSpec) -> str:
        # After a failed clone nothing is put into the workspace: it would look like work to the next start.
        if not spec.example or self._workspace.state == "failed":
            return ""
        try:
            if example.is_url(spec.example):
                protocols = spec.workspace.protocols
                return str(example.download(spec.example, self._folder, protocols))
            return str(example.find(spec.example, self._folder))
        except example.ExampleMissing as error:
            self._reporter.notice("workspace", error.problem)
            return ""

    def _state(self, opens: str, spec: LaunchSpec) -> RuntimeState:
        workspace = {k: v for k, v in asdict(self._workspace).items() if isinstance(v, str)}
        return RuntimeState(
            runtime=self._settings.runtime,
            tile=self._settings.tile,
            launch_id=self._settings.launch_id,
            root=str(self._settings.root_dir or self._folder),
            opens=opens,
            workspace={**workspace, "path": str(self._folder)},
            snapshot=spec.snapshot,
            storage=str(self._settings.storage or ""),
            keys_file=self._keys_file(spec),
        )

    def _serve(self, spec: LaunchSpec, state: RuntimeState, imports: quick.BackgroundImport) -> int:
        meaning = classify(spec.command)
        if isinstance(meaning, Execute):
            return self._execute(meaning, state)
        if not spec.snapshot:
            # Otherwise the server says so itself, when it has restored the session.
            self._reporter.phase("server", "Starting the server")
        try:
            main = imports.result()
        except ImportError as error:
            self._reporter.failed("server", failed_to_import(error))
            return 1
        arguments = arguments_for(meaning, state, self._reporter)
        self._keep(state)
        self._reporter.stop_heartbeat()
        return run_server(main, arguments)

    def _execute(self, meaning: Execute, state: RuntimeState) -> int:
        self._reporter.phase("server", f"Running {meaning.argv[0]}")
        self._keep(state)
        folder = self._private / "bin"
        shims.write(folder, sys.executable)
        environ = shims.enabled(os.environ, folder)
        quick.release_garbage()
        return execute(meaning.argv, self._folder, environ, self._reporter)

    def _keep(self, state: RuntimeState) -> None:
        path = self._private / "runtime.json"
        os.environ[ENV_STATE_FILE] = str(path)
        runtime_state.write(state, path)
        runtime_state.add_notices(state, self._reporter.notices)


def main() -> int:
    """Returns the exit code; after a signal the process ends at once."""
    _leave_current_folder()
    raise_on_signal()
    quick.hold_garbage()
    reporter = Reporter(sys.stdout)
    private = _private_folder()
    settings = Settings.from_environ(os.environ)
    secrets, keys_place = SecretFiles(settings.launch_id), SecretFiles(settings.launch_id)
    try:
        reporter.start_heartbeat(_server_listens)
        return Launcher(settings, reporter, private, secrets, keys_place).run()
    except WorkspaceRequired:
        return 1
    except Terminated as end:
        reporter.log("starting", "Stopped.")
        shutil.rmtree(private, ignore_errors=True)
        secrets.remove()
        keys_place.remove()
        # Not sys.exit: that waits for imports that are still under way in their thread.
        os._exit(end.exit_code)
    finally:
        shutil.rmtree(private, ignore_errors=True)
        secrets.remove()
        keys_place.remove()


def _leave_current_folder() -> None:
    """`-m` puts the current folder on sys.path, with whatever an image or a workspace calls its files."""
    with suppress(OSError):
        if sys.path and sys.path[0] in ("", str(Path.cwd())):
            del sys.path[0]


def _private_folder() -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix="runtiles-launch-"))
    except OSError:
        # A read-only image without a /tmp: the storage is the one place left.
        return Path(tempfile.mkdtemp(prefix=".runtiles-launch-", dir=os.environ.get("HOME") or "/"))


def _server_listens() -> bool:
    port = urlsplit(os.environ.get("JUPYTERHUB_SERVICE_URL", "")).port
    if port is None:
        return False
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _allowed(variables: Mapping[str, str]) -> Dict[str, str]:
    """The gate on the Hub's side refuses these too; a launcher does not rely on it."""
    return {k: v for k, v in variables.items() if k in _OF_TILES or not k.startswith(_PROTECTED)}


if __name__ == "__main__":
    sys.exit(main())
