"""One case."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """`check` is statements. It sees the restored names, `report`, and what `needs` imports.

    `lost` are the paths that must be reported as lost, and no others.
    """

    name: str
    cell: str
    check: str
    lost: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


def table(text: str, needs: tuple[str, ...] = ()) -> list[Case]:
    """Cases from text: `# name [lost: path, path]`, a cell, a line `---`, the check; blank lines between."""
    cases = []
    for block in text.strip().split("\n\n# "):
        head, _, body = block.partition("\n")
        cell, _, check = body.partition("\n---\n")
        name, _, lost = head.lstrip("# ").partition(" lost: ")
        paths = tuple(each.strip() for each in lost.split(" | ") if each.strip())
        cases.append(Case(name.strip(), cell, check, paths, needs))
    return cases
