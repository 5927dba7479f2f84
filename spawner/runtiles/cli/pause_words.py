"""A pause and a resume in words: what would be saved and lost, how far it is, what came back. Pure."""

from typing import Any, List, Mapping, Sequence

from .columns import Row, plain
from .names import counted
from .values import show_duration, show_size

#: So many losses of one kernel are told one by one. All of them are in the snapshot and in `--json`.
MOST_LOSSES = 40
_GOING_ON = ("pausing", "stopping")
#: Of a terminal: the program there is no editor, and no prompt.
_AT_WORK = ("running", "background")
_DOING = {"saving": "saving", "verifying": "verifying", "saved": "stopping", "stopping": "stopping"}


def label(kernel: Row) -> str:
    """How a person knows a kernel: by its notebook."""
    return plain(kernel.get("path")) or f"kernel {plain(kernel.get('id'))[:8]}"


def prospect(name: str, found: Row) -> List[str]:
    """Lines about the answer of a dry run."""
    kernels: Sequence[Row] = found.get("kernels") or []
    terminals = [f"  {_terminal(one)}" for one in found.get("terminals") or []]
    if not kernels:
        return [f"{name} has no kernel: there are no variables to save.", *terminals]
    seconds = found.get("seconds")
    about = f", about {show_duration(seconds)}" if seconds and seconds >= 1 else ""
    lines = [f"{name}: {counted(len(kernels), 'kernel')}, {size(found.get('bytes'))}{about}."]
    if found.get("free") is not None and (found.get("bytes") or 0) > found["free"]:
        lines.append(f"  There is no room for that: {show_size(found['free'])} are free.")
    for kernel in kernels:
        lines += [f"  {label(kernel)}: {_state(kernel)}", *_details(kernel, "would be lost")]
    return lines + terminals


def lost(refused: Row) -> List[str]:
    """Lines about what a pause was refused for: the kernels and terminals of a refusal's details."""
    lines: List[str] = []
    for kernel in refused.get("kernels") or []:
        whole = kernel.get("status") == "not_carried"
        lines.append(f"  {label(kernel)}:" + (f" {_state(kernel)}" if whole else ""))
        lines += _details(kernel, "would be lost")
    return lines + [f"  {_terminal(one)}" for one in refused.get("terminals") or []]


def losses(found: Row) -> int:
    """How much would be lost: variables and what is in them, kernels that are not carried, and programs
    that are at work in terminals."""
    jobs = [one for one in found.get("terminals") or [] if one.get("status") in _AT_WORK]
    return sum(_lost(kernel) for kernel in found.get("kernels") or []) + len(jobs)


def stuck(found: Row) -> List[str]:
    """The kernels that do not even hear an interrupt."""
    return [label(one) for one in found.get("kernels") or [] if one.get("status") == "stuck"]


def going_on(runtime: Row) -> bool:
    return runtime.get("state") in _GOING_ON


def progress(runtime: Row) -> str:
    """What a pause is doing now, in a few words."""
    state, phase = plain(runtime.get("state")), plain(runtime.get("phase"))
    if state not in _GOING_ON:
        return state
    moved: Mapping[str, Any] = runtime.get("progress") or {}
    if phase == "waiting":
        return _waiting(plain(moved.get("message")) or "the kernels")
    doing = _DOING.get(phase, state)
    if doing in ("saving", "verifying") and moved.get("total"):
        return f"{doing} {show_size(moved.get('done') or 0)} of {show_size(moved['total'])}"
    return doing


def kept(name: str, snapshot: Row) -> str:
    """The last word of a pause."""
    count = snapshot.get("variables")
    variables = "" if count is None else f"{counted(int(count), 'variable')}, "
    lost = f"; {snapshot['lost']} could not be saved" if snapshot.get("lost") else ""
    return f"{name} is paused: {variables}{size(snapshot.get('size'))}{lost}."


def comeback(report: Row) -> List[str]:
    """Lines about a resume that is over: what came back in each kernel, and what did not."""
    lines: List[str] = []
    for kernel in report.get("kernels") or []:
        lines += [f"  {label(kernel)}: {_result(kernel)}", *_details(kernel, "lost")]
        missing = kernel.get("missing") or {}
        for module, command in missing.items():
            lines.append(f"    {module} is not installed here: {command}")
    return lines


def size(count: Any) -> str:
    return show_size(count or 0)


def _state(kernel: Row) -> str:
    status = kernel.get("status")
    if status == "not_carried":
        return f"not saved: {plain(kernel.get('reason')) or plain(kernel.get('language'))}"
    if status in ("busy", "stuck"):
        busy = show_duration(kernel.get("busy_seconds"))
        text = "busy" + (f" for {busy}" if busy else "")
        return f"{text}; does not answer" if status == "stuck" else f"{text}; waited for"
    return f"{counted(int(kernel.get('variables') or 0), 'variable')}, {size(kernel.get('bytes'))}"


def _terminal(one: Row) -> str:
    """A terminal is called by its number, a detached tmux or screen by its name."""
    name, job = plain(one.get("name")), plain(one.get("job")) or "a program"
    where, status = f"terminal {name}" if name.isdigit() else name, one.get("status")
    if status in _AT_WORK:
        behind = " in the background" if status == "background" else ""
        return f"{where}: {job} runs{behind}; would be ended"
    return f"{where}: {job} is open" if status == "waiting" else f"{where}: at its prompt"


def _waiting(message: str) -> str:
    """In the words of the service, or for whom."""
    if message.lower().startswith("waiting"):
        return message[0].lower() + message[1:]
    return f"waiting for {message}"


def _result(kernel: Row) -> str:
    status, reason = kernel.get("status"), plain(kernel.get("reason"))
    if status == "not_carried":
        return f"not saved, so not there: {reason}" if reason else "not saved, so not there"
    if status == "failed":
        return f"could not be restored: {reason}"
    if status == "running":
        return "still being restored"
    failed = f", {kernel['failed']} not" if kernel.get("failed") else ""
    return f"{counted(int(kernel.get('restored') or 0), 'variable')} restored{failed}"


def _details(kernel: Row, word: str) -> List[str]:
    lost: Sequence[Row] = kernel.get("losses") or []
    lines = [f"    {word}: {_loss(one)}" for one in lost[:MOST_LOSSES]]
    if len(lost) > MOST_LOSSES:
        lines.append(f"    {word}: {len(lost) - MOST_LOSSES} more")
    return lines + [f"    note: {plain(one)}" for one in kernel.get("notes") or []]


def _loss(one: Row) -> str:
    where = plain(one.get("path")) or plain(one.get("variable"))
    kind = f" ({plain(one['type'])})" if one.get("type") else ""
    return f"{where}{kind}: {plain(one.get('reason')) or 'cannot be saved'}"


def _lost(kernel: Row) -> int:
    return len(kernel.get("losses") or []) + (kernel.get("status") == "not_carried")
