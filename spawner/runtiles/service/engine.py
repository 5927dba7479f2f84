"""The engine whose containers the service reads the output of, by the name in the settings."""

import importlib
from pathlib import Path

from runtiles.engines.base import Engine
from runtiles.engines.process import ProcessEngine

from .settings import Settings


def open_engine(settings: Settings) -> Engine | None:
    """None where the service sees no engine. Never waits for one: an engine that is down says so later.

    The Docker engine is imported by name, because its library is not there where no engine is.
    """
    options = dict(settings.engine_options)
    if settings.engine == "process":
        return ProcessEngine(Path(str(options["root"])))
    if settings.engine == "docker":
        options.setdefault("hub", settings.hub_id)
        engine: Engine = importlib.import_module("runtiles.engines.docker").DockerEngine(**options)
        return engine
    return None
