"""A program to run in a kernel: a notebook's code cells, or a script as its only one. No kernel here."""

import json
import os
import sys
import tempfile
import tokenize
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence, Union

from .errors import BadUsage, CliError

#: A cell with this tag is meant to fail, as nbclient has it.
_MAY_FAIL = "raises-exception"
STDIN = "-"


@dataclass
class Cell:
    """One piece of code. `number` counts all cells of the file from 1, as a person would."""

    number: int
    source: str
    may_fail: bool = False
    data: Dict[str, Any] = field(default_factory=dict, repr=False)

    def record(self, count: Optional[int], outputs: Sequence[Mapping[str, Any]]) -> None:
        self.data["execution_count"] = count
        self.data["outputs"] = list(outputs)


@dataclass
class Program:
    """`kernel` is the kernelspec that the file asks for, "" for none. `data`: a notebook's whole JSON."""

    path: str
    cells: List[Cell]
    total: int
    kernel: str = ""
    data: Optional[Dict[str, Any]] = field(default=None, repr=False)

    def describe(self, cell: Cell) -> str:
        return f"Cell {cell.number} of {self.path}" if self.data is not None else self.path

    def forget_outputs(self) -> None:
        """Those of an earlier run; so that a saved notebook never mixes two."""
        for cell in self.cells:
            cell.record(None, ())

    def save(self) -> None:
        """Puts the notebook with its outputs in the place of the file, whole or not at all."""
        text = json.dumps(self.data, indent=1, ensure_ascii=False) + "\n"
        target = Path(self.path).resolve()
        try:
            handle, draft = tempfile.mkstemp(dir=str(target.parent), prefix=f".{target.name}.")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            Path(draft).chmod(target.stat().st_mode & 0o7777)
            Path(draft).replace(target)
        except OSError as error:
            raise CliError(f"{self.path} cannot be written: {error.strerror}.") from None


def load(path: str) -> Program:
    """Raises BadUsage for what is neither a script nor a notebook."""
    try:
        if path == STDIN:
            return _script("standard input", sys.stdin.read())
        if path.endswith(".ipynb"):
            return _notebook(path, Path(path).read_text(encoding="utf-8"))
        if path.endswith(".py"):
            with tokenize.open(path) as file:
                return _script(path, file.read())
    except OSError as error:
        raise BadUsage(f"{path} cannot be read: {error.strerror}.") from None
    except (SyntaxError, UnicodeDecodeError):
        raise BadUsage(f"{path} is no text in the encoding that it names.") from None
    raise BadUsage(f"{path} is neither a script (.py) nor a notebook (.ipynb).")


def _script(path: str, text: str) -> Program:
    return Program(path, [Cell(1, text)], 1)


def _notebook(path: str, text: str) -> Program:
    try:
        data = json.loads(text)
        cells, version = data["cells"], data["nbformat"]
        found = [_cell(number, cell) for number, cell in enumerate(cells, 1) if _is_code(cell)]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadUsage(f"{path} is no notebook of version 4.", hint="Open and save it.") from None
    if version != 4:
        raise BadUsage(f"{path} is a notebook of version {version}; 4 is needed.")
    kernelspec = (data.get("metadata") or {}).get("kernelspec") or {}
    code = [cell for cell in found if cell.source.strip()]
    return Program(path, code, len(cells), str(kernelspec.get("name") or ""), data)


def _is_code(cell: Mapping[str, Any]) -> bool:
    return cell["cell_type"] == "code"


def _cell(number: int, data: Dict[str, Any]) -> Cell:
    tags = (data.get("metadata") or {}).get("tags") or []
    return Cell(number, _joined(data["source"]), _MAY_FAIL in tags, data)


def _joined(text: Union[str, List[str]]) -> str:
    return text if isinstance(text, str) else "".join(text)


class Outputs:
    """What a cell shows, as nbformat keeps it, from the kernel's messages. Pure."""

    def __init__(self) -> None:
        self.kept: List[Dict[str, Any]] = []
        self._clear_at_next = False

    def take(self, kind: str, content: Mapping[str, Any]) -> None:
        """Messages that are no output are ignored."""
        if kind == "clear_output":
            self._clear_at_next = True
            if not content.get("wait"):
                self._clear()
        elif kind == "stream":
            self._stream(str(content["name"]), str(content["text"]))
        elif kind in ("display_data", "execute_result"):
            self._clear()
            shown = {key: content.get(key, {}) for key in ("data", "metadata")}
            count = {"execution_count": content.get("execution_count")}
            result = count if kind == "execute_result" else {}
            self.kept.append({"output_type": kind, **shown, **result})
        elif kind == "error":
            self._clear()
            told = {key: content.get(key) for key in ("ename", "evalue", "traceback")}
            self.kept.append({"output_type": "error", **told})

    def _stream(self, name: str, text: str) -> None:
        self._clear()
        last = self.kept[-1] if self.kept else {}
        if last.get("output_type") == "stream" and last["name"] == name:
            last["text"] += text
        else:
            self.kept.append({"output_type": "stream", "name": name, "text": text})

    def _clear(self) -> None:
        if self._clear_at_next:
            self.kept.clear()
            self._clear_at_next = False
