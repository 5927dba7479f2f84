from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.runtiles_server.launched import Launched
from tests.runtiles_server.pretend_hub import PretendHub, pretending

NewLaunch = Callable[..., Launched]


@pytest.fixture
def hub() -> Iterator[PretendHub]:
    with pretending(PretendHub()) as hub:
        yield hub


@pytest.fixture
def launch(hub: PretendHub, tmp_path: Path) -> Iterator[NewLaunch]:
    """Starts the launcher as a process: `launch(command=[...], environ={...})` sets the LaunchSpec."""
    with ExitStack() as stack:

        def start(environ: dict[str, str] | None = None, **spec: object) -> Launched:
            hub.spec = {"protocol": 1, **spec}
            launched = Launched.start(hub, tmp_path, environ or {})
            stack.callback(launched.end)
            return launched

        yield start
