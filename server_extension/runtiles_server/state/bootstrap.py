"""Taking this folder along into a kernel whose environment has none of our packages."""

import base64
import json
import zlib
from pathlib import Path
from typing import Dict

#: What it is called there. Nothing of the user's is called that.
NAME = "_runtiles_state"

_INSTALL = """
def _install(name, packed):
    import base64, importlib, importlib.abc, importlib.util, json, sys, zlib
    if name in sys.modules:
        return sys.modules[name]
    sources = json.loads(zlib.decompress(base64.b85decode(packed)))

    class Loader(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
        def find_spec(self, module, path=None, target=None):
            if module not in sources:
                return None
            folder = any(each.startswith(module + ".") for each in sources)
            return importlib.util.spec_from_loader(module, self, is_package=folder)

        def get_source(self, module):
            return sources[module]

        def is_package(self, module):
            return any(each.startswith(module + ".") for each in sources)

    sys.meta_path.append(Loader())
    return importlib.import_module(name)
"""


def sources(name: str = NAME) -> Dict[str, str]:
    """The text of every module of this folder, by the name it shall have."""
    folder = Path(__file__).parent
    found = {}
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        found[".".join((name, *parts))] = path.read_text(encoding="utf-8")
    return found


def expression(call: str, name: str = NAME) -> str:
    """Python that any kernel can evaluate: it brings this folder along, and is `call` on it.

    `call` is written for the package, such as `save("/a")`. No name is left in the namespace, and it
    is the same in every Python from 3.8 on.
    """
    packed = base64.b85encode(zlib.compress(json.dumps(sources(name)).encode(), 9)).decode()
    install = f"(lambda s: (exec({_INSTALL!r}, s), s['_install'])[1])({{}})({name!r}, {packed!r})"
    return f"{install}.{call}"
