"""What a pause would do: everything is asked, nothing is changed."""

import asyncio
from pathlib import Path
from typing import Any, Dict, List

from runtiles.contract.errors import RuntilesError
from runtiles_server.failures import KernelBusy
from runtiles_server.kernels.asking import Kernels
from runtiles_server.kernels.listing import is_stuck

LEFT_OUT = "It was left out."
OTHER_LANGUAGE = "Only the variables of Python kernels are carried."


async def plan(
    kernels: Kernels, listed: List[Dict[str, Any]], place: Path, patience: float, limit: float
) -> List[Dict[str, Any]]:
    """One entry for each of `listed`, with `status` ready, busy, stuck or not_carried; and `seconds`."""
    asked = [_plan_of(kernels, each, place, patience, limit) for each in listed]
    return list(await asyncio.gather(*asked))


async def _plan_of(
    kernels: Kernels, kernel: Dict[str, Any], place: Path, patience: float, limit: float
) -> Dict[str, Any]:
    entry = {key: kernel[key] for key in ("id", "name", "language", "path", "busy_seconds")}
    entry.update(bytes=0, seconds=0.0, variables=0, losses=[], notes=[], reason="")
    if not kernel["carried"]:
        return {**entry, "status": "not_carried", "reason": OTHER_LANGUAGE}
    try:
        call = f"plan(directory={str(place)!r})"
        found = await kernels.ask(kernel["id"], call, patience, limit)
    except KernelBusy as error:
        stuck = await is_stuck(kernels.manager(kernel["id"]))
        return {**entry, "status": "stuck" if stuck else "busy", "reason": error.message}
    except RuntilesError as error:
        return {**entry, "status": "not_carried", "reason": error.message}
    entry.update({key: found[key] for key in ("bytes", "seconds", "losses", "notes")})
    return {**entry, "status": "ready", "variables": len(found["variables"])}
