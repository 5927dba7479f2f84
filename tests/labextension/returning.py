"""A server extension for the tests: kernels and sessions come back under the ids that they had.

RUNTILES_TEST_SESSIONS names the file of /api/sessions as it was before the server ended.
"""

import json
import os
from pathlib import Path
from typing import Any


def _load_jupyter_server_extension(app: Any) -> None:
    kept = Path(os.environ["RUNTILES_TEST_SESSIONS"])
    if kept.exists():
        app.io_loop.asyncio_loop.run_until_complete(_bring_back(app, json.loads(kept.read_text())))


async def _bring_back(app: Any, sessions: list[dict[str, Any]]) -> None:
    for session in sessions:
        kernel = session["kernel"]
        await app.kernel_manager.start_kernel(
            kernel_id=kernel["id"], kernel_name=kernel["name"], path=session["path"]
        )
        await app.session_manager.save_session(
            session["id"],
            path=session["path"],
            name=session["name"],
            type=session["type"],
            kernel_id=kernel["id"],
        )
