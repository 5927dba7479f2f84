"""A plain JupyterLab server with our two extensions, which can be killed and started again."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from runtiles_server.places import CONFIG_DIR, SHARE_DIR
from runtiles_server.runtime_state import ENV_STATE_FILE, RuntimeState, write
from tests.fixtures.hub import NO_TLS, ROOT, free_ports, wait_until

TOKEN = "of-the-test"
BASE = "/user/ann/gpu/"
_START_S = 60.0


EXTENSIONS = "--ServerApp.jpserver_extensions=" + repr(
    {"runtiles_server.extension": True, "tests.labextension.returning": True}
)


def environment(folder: Path) -> dict[str, str]:
    """What a launcher would have set, for a runtime called gpu at home in `folder`."""
    state = folder / "runtime.json"
    write(RuntimeState(runtime="gpu", tile="pytorch", launch_id="1"), state)
    return {
        "HOME": str(folder),
        "PYTHONPATH": str(ROOT),
        "JUPYTER_CONFIG_PATH": str(CONFIG_DIR),
        "JUPYTER_PATH": str(SHARE_DIR),
        "RUNTILES_TEST_SESSIONS": str(folder / "sessions.json"),
        ENV_STATE_FILE: str(state),
    }


@dataclass
class LabServer:
    """`folder` is the server's root and home. The address stays the same over every start."""

    folder: Path
    port: int = field(default_factory=lambda: free_ports(1)[0])
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def page(self) -> str:
        return f"{BASE}lab?token={TOKEN}"

    def start(self) -> None:
        """Answers when this returns, with the kernels that `kill` found."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "jupyterlab", *self._arguments()],
                cwd=self.folder,
                env={**os.environ, **environment(self.folder)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_until(self._answers, _START_S, "the server of JupyterLab")

    def kill(self) -> None:
        """As a container goes: at once, with its kernels."""
        (self.folder / "sessions.json").write_text(json.dumps(self.ask("api/sessions")))
        self.end()

    def end(self) -> None:
        if self._process is not None:
            for session in self._kernel_groups():
                os.killpg(session, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def use_theme(self, name: str) -> None:
        """For pages that are opened from now on."""
        settings = self.folder / ".jupyter/lab/user-settings/@jupyterlab/apputils-extension"
        settings.mkdir(parents=True, exist_ok=True)
        (settings / "themes.jupyterlab-settings").write_text(json.dumps({"theme": name}))

    def ask(self, path: str) -> Any:
        answer = httpx.get(
            self.origin + BASE + path,
            headers={"Authorization": f"token {TOKEN}"},
            verify=NO_TLS,
            timeout=_START_S,
        )
        return answer.raise_for_status().json()

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    @property
    def _log(self) -> Path:
        return self.folder.with_suffix(".log")

    def _kernel_groups(self) -> list[int]:
        """The server's process group and those of its kernels, which have one each."""
        assert self._process is not None
        found = subprocess.run(
            ["ps", "-o", "pgid=", "--ppid", str(self._process.pid)], capture_output=True, text=True
        )
        return sorted({self._process.pid, *(int(group) for group in found.stdout.split())})

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log
        try:
            return bool(self.ask("api/status"))
        except httpx.HTTPError:
            return False

    def _arguments(self) -> list[str]:
        return [
            *("--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"),
            *(f"--ServerApp.port={self.port}", "--ServerApp.port_retries=0"),
            *(f"--IdentityProvider.token={TOKEN}", f"--ServerApp.base_url={BASE}"),
            EXTENSIONS,
        ]
