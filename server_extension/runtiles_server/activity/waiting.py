"""Programs in a terminal that do nothing by themselves: they wait for whoever types, or only show."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Iterator, List, NamedTuple, Sequence

_SHELLS = frozenset({"bash", "sh", "dash", "ash", "zsh", "fish", "ksh", "tcsh", "csh"})
_PAGERS = frozenset({"less", "more", "most", "pager"})
_EDITORS = frozenset(
    {
        *("vi", "vim", "vim.basic", "vim.tiny", "view", "nvim", "nano", "pico", "emacs", "micro"),
        *("hx", "helix", "joe", "mcedit", "mc", "ed"),
    }
)
_VIEWERS = frozenset(
    {"top", "htop", "btop", "nvtop", "gpustat", "nvidia-smi", "watch", "tail", "tig", "lazygit"}
)
MULTIPLEXERS = frozenset({"tmux", "screen", "zellij", "byobu"})
_WAITING = _PAGERS | _EDITORS | _VIEWERS | MULTIPLEXERS
#: They show what they have to say through a pager, and wait for it.
_BEHIND_A_PAGER = frozenset({"git", "man"})
#: Whether they wait is not said by their name alone.
_PERHAPS = _SHELLS | _BEHIND_A_PAGER | {"ssh"}
#: Options of ssh, and of shells, that have a word of their own behind them.
_SSH_WORDS = frozenset("BbcDEeFIiJLlmOopQRSWw")
_SHELL_WORDS = ("--rcfile", "--init-file", "-O", "+O", "-o", "+o")
_TERMINALS = ("/dev/pts/", "/dev/tty")


class Process(NamedTuple):
    """As /proc/ID/stat has it. `foreground` is the group that has the process's terminal."""

    id: int
    name: str
    state: str
    parent: int
    group: int
    session: int
    foreground: int


def processes() -> List[Process]:
    """All that this container lets us see."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError, ValueError, IndexError):
                found.append(_read(int(entry.name)))
    return found


def may_wait(name: str) -> bool:
    return plain(name) in _WAITING | _PERHAPS


def plain(name: str) -> str:
    """`tmux: client` is tmux."""
    return name.partition(":")[0].lower()


def at_work(members: Sequence[Process]) -> Iterator[Process]:
    """Those of a process group that do not wait for a person."""
    names = {plain(each.name) for each in members}
    for each in members:
        name = plain(each.name)
        if each.state == "Z" or name in _WAITING:
            continue
        if name in _BEHIND_A_PAGER and names & _PAGERS:
            continue
        if name in _SHELLS and _is_prompt(_words(each.id), each.id):
            continue
        if name == "ssh" and not has_command(_words(each.id)[1:]):
            continue
        yield each


def _is_prompt(words: Sequence[str], process: int) -> bool:
    reads = os.path.realpath(f"/proc/{process}/fd/0")
    return reads.startswith(_TERMINALS) and is_interactive(words[1:])


def is_interactive(words: Sequence[str]) -> bool:
    """Of a shell's arguments: no script, and no command."""
    rest = iter(words)
    for word in rest:
        if word in _SHELL_WORDS:
            next(rest, None)
        elif not word.startswith(("-", "+")) or (word[:2] != "--" and "c" in word):
            return False
    return True


def has_command(words: Sequence[str]) -> bool:
    """Of ssh's arguments: what is to run at the other end, rather than a shell there."""
    rest, named = iter(words), 0
    for word in rest:
        if word.startswith("-") and named < 2:
            if word[-1] in _SSH_WORDS and not set(word[1:-1]) & _SSH_WORDS:
                next(rest, None)
        else:
            named += 1
    return named > 1


def _words(process: int) -> List[str]:
    try:
        text = Path(f"/proc/{process}/cmdline").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return [""]
    return text.rstrip("\0").split("\0")


def _read(process: int) -> Process:
    text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    head, _, tail = text.rpartition(")")
    fields = tail.split()
    numbers = [int(each) for each in fields[1:6]]
    parent, group, session, _terminal, foreground = numbers
    return Process(process, head.partition("(")[2], fields[0], parent, group, session, foreground)
