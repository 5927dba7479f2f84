"""Which variables of a snapshot get which name in the session, decided before any of them is there."""

from dataclasses import dataclass, field
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Set

from .errors import NamesClash
from .manifest import Manifest, Variable


@dataclass
class Binding:
    """`variables` in the order of the report; `called` maps each one's name to the one it gets here.

    `kept` are those whose place is taken: what is there stays.
    """

    variables: Dict[str, Variable]
    called: Dict[str, str]
    kept: Set[str] = field(default_factory=set)
    notes: List[str] = field(default_factory=list)

    def stays(self, name: str) -> bool:
        """Whether the variable is under its own name when all is done."""
        return self.called.get(name) == name and name not in self.kept

    def renamed(self) -> Dict[str, str]:
        return {
            name: here
            for name, here in self.called.items()
            if name != here and name not in self.kept
        }


def decide(
    manifest: Manifest,
    namespace: Mapping[str, Any],
    names: Optional[Iterable[str]] = None,
    rename: Optional[Mapping[str, str]] = None,
    overwrite: bool = True,
) -> Binding:
    """Raises NamesClash where two would get one name, or one that no variable can have.

    Of what chosen ones need, what was not carried is left out: it is no more than a placeholder.
    """
    wanted = None if names is None else list(names)
    rename = rename or {}
    variables = _chosen(manifest, wanted)
    binding = Binding(variables, {name: rename.get(name, name) for name in variables})
    _refuse_clash(binding.called, rename)
    if not overwrite:
        binding.kept = {name for name, here in binding.called.items() if here in namespace}
    absent = [name for name in (*(wanted or ()), *rename) if name not in variables]
    binding.notes.extend(f"{name} is not in the snapshot." for name in dict.fromkeys(absent))
    binding.notes.extend(_differences(binding))
    binding.notes.extend(_gone(binding, manifest))
    return binding


def _chosen(manifest: Manifest, names: Optional[List[str]]) -> Dict[str, Variable]:
    every = {each.name: each for each in manifest.variables}
    if names is None:
        return every
    chosen: Dict[str, Variable] = {}
    queue = [name for name in names if name in every]
    for name in queue:
        if name not in chosen:
            chosen[name] = every[name]
            needs = (each for each in every[name].needs if each in every)
            queue.extend(each for each in needs if every[each].status != "skipped")
    return chosen


def _refuse_clash(called: Mapping[str, str], rename: Mapping[str, str]) -> None:
    for here in rename.values():
        if not isinstance(here, str) or not here.isidentifier():
            raise NamesClash(f"{here!r} cannot be the name of a variable.")
    first: Dict[str, str] = {}
    for name, here in called.items():
        if here in first:
            raise NamesClash(
                f"{first[here]} and {name} would both be called {here}.", "Choose another name."
            )
        first[here] = name


def _gone(binding: Binding, manifest: Manifest) -> Iterator[str]:
    skipped = {each.name for each in manifest.variables if each.status == "skipped"}
    for name, variable in binding.variables.items():
        for need in variable.needs:
            if need in skipped and need not in binding.variables:
                yield f"{name} looks up {need}, which could not be carried."


def _differences(binding: Binding) -> Iterator[str]:
    """Code was not rewritten: it looks up the names that it was written with."""
    renamed = binding.renamed()
    for name, variable in binding.variables.items():
        if name in binding.kept:
            continue
        for need in variable.needs:
            if need in renamed:
                yield f"{name} looks up {need}, which is called {renamed[need]} here."
            elif need in binding.kept:
                yield f"{name} looks up {need}: it finds the one that was here before."
