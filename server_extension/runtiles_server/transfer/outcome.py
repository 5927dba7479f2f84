"""What a transfer tells of each variable. No input or output."""

from typing import Any, Dict, Iterator, List, Mapping, Optional

from runtiles.contract.errors import InvalidRequest
from runtiles_server.state import Manifest, NamesClash
from runtiles_server.state.binding import decide

from .wanted import Wanted

Row = Dict[str, Any]
_NOT_THERE = "There is no such variable."


def manifest_of(saved: Mapping[str, Any]) -> Manifest:
    """Of what a kernel answered to `save` or `plan`, which leaves the big parts out."""
    return Manifest.from_dict({"buffers": [], "local_modules": {}, **saved})


def to_load(saved: Mapping[str, Any]) -> List[str]:
    """What could not be saved would only replace something by a placeholder."""
    return [each["name"] for each in saved["variables"] if each["status"] != "skipped"]


def copied(saved: Mapping[str, Any], report: Mapping[str, Any], wanted: Wanted) -> Row:
    """After the load: `report` is its answer in the other kernel."""
    loaded = {each["name"]: each for each in report["variables"]}
    rows = []
    for each in saved["variables"]:
        done = loaded.get(each["name"])
        if done is None:
            rows.append(_row(each, _called(each["name"], wanted), "skipped", each["reason"]))
        else:
            status = {"restored": "copied", "kept": "kept"}.get(done["status"], "failed")
            rows.append(_row(each, done["called"] or each["name"], status, done["reason"]))
    losses = [*report["losses"], *_of_skipped(saved, loaded)]
    return _result([*rows, *_absent(saved, wanted)], losses, report["notes"], saved["bytes"])


def planned(plan: Mapping[str, Any], taken: List[str], wanted: Wanted) -> Row:
    """A dry run: `taken` are names that the other kernel has. Raises InvalidRequest where names clash."""
    names = to_load(plan)
    try:
        binding = decide(
            manifest_of(plan), dict.fromkeys(taken), names, wanted.rename, wanted.overwrite
        )
    except NamesClash as error:
        raise clash(error.message) from None
    rows = []
    for each in plan["variables"]:
        called = _called(each["name"], wanted)
        if each["name"] not in binding.variables:
            rows.append(_row(each, called, "skipped", each["reason"]))
        elif each["name"] in binding.kept:
            rows.append(_row(each, called, "kept", f"{called} is there already"))
        else:
            would = "replaces the one that is there" if called in taken else each["reason"]
            rows.append(_row(each, called, "copied", would))
    notes = [*plan["notes"], *binding.notes]
    result = _result([*rows, *_absent(plan, wanted)], plan["losses"], notes, plan["bytes"])
    return {**result, "seconds": plan["seconds"]}


def clash(message: str) -> InvalidRequest:
    return InvalidRequest({"rename": message.rstrip(".")})


def called_there(saved: Mapping[str, Any], wanted: Wanted) -> List[str]:
    return [_called(each["name"], wanted) for each in saved["variables"]]


def _called(name: str, wanted: Wanted) -> str:
    return wanted.rename.get(name, name)


def _of_skipped(saved: Mapping[str, Any], loaded: Mapping[str, Any]) -> Iterator[Any]:
    return (each for each in saved["losses"] if each["variable"] not in loaded)


def _absent(saved: Mapping[str, Any], wanted: Wanted) -> Iterator[Row]:
    there = {each["name"] for each in saved["variables"]}
    for name in wanted.names or ():
        if name not in there:
            empty = {"name": name, "type": "", "bytes": 0}
            yield _row(empty, _called(name, wanted), "failed", _NOT_THERE)


def _row(each: Mapping[str, Any], called: str, status: str, reason: str) -> Row:
    return {
        "name": each["name"],
        "as": called,
        "type": each["type"],
        "bytes": each["bytes"],
        "status": status,
        "reason": reason,
    }


def _result(rows: List[Row], losses: Any, notes: Any, size: Optional[int]) -> Row:
    told = [each for each in dict.fromkeys(notes) if not each.startswith("There is no variable ")]
    return {"variables": rows, "losses": list(losses), "notes": told, "bytes": size}
