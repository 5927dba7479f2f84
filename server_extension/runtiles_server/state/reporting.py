"""What a load tells about each variable."""

from typing import Any, Dict, List, Tuple

from .binding import Binding
from .checking import missing
from .manifest import Loss, Manifest, Report, Variable
from .paths import paths
from .placeholders import Lost, is_placeholder
from .session import Loading


def report_of(
    manifest: Manifest, load: Loading, values: Dict[str, Any], binding: Binding
) -> Report:
    """In the order of `binding`."""
    report = Report(manifest.id, notes=[*manifest.notes, *binding.notes, *load.notes])
    report.missing = missing(manifest)
    report.losses.extend(each for each in manifest.losses if each.variable in binding.variables)
    lost: Dict[str, List[Tuple[Lost, Any]]] = {}
    for name, each, at in load.lost:
        lost.setdefault(name, []).append((each, at))
    for name, saved in binding.variables.items():
        variable = _variable(saved, values[name], lost.get(name, []))
        variable.called = binding.called[name]
        if name in binding.kept:
            variable.status = "kept"
            variable.reason = f"{variable.called} was here already"
        elif name in lost:
            report.losses.extend(_losses(name, values[name], lost[name]))
        report.variables.append(variable)
    return report


def _variable(saved: Variable, value: Any, lost: List[Tuple[Lost, Any]]) -> Variable:
    variable = Variable(saved.name, saved.type, saved.bytes, "restored", saved.reason, saved.needs)
    if saved.status == "skipped" or is_placeholder(value) or any(at is value for _, at in lost):
        variable.status = "failed"
    if lost:
        variable.reason = str(vars(lost[0][0])["reason"])
    elif is_placeholder(value):
        # Of a class that was missed at an earlier one.
        told = vars(value)
        variable.reason = str(told.get("reason") or told.get("_reason") or "its class is missing")
    return variable


def _losses(name: str, value: Any, lost: List[Tuple[Lost, Any]]) -> List[Loss]:
    found = paths(name, value, {id(at) for _, at in lost})
    return [
        Loss(
            name,
            found.get(id(at), f"{name}, deep inside"),
            vars(each)["kind"],
            vars(each)["reason"],
        )
        for each, at in lost
    ]
