"""Text from elsewhere on somebody's terminal: it may colour, and nothing else. Pure."""

import re

#: Whatever a terminal takes for a command: sequences of one to many characters, and control characters.
_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: cursor, colours, modes
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|$)"  # OSC and its kin: titles, clipboard, links
    r"|\x1b[ -/]*[0-~]"
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]",
    re.DOTALL,
)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def clean(text: str) -> str:
    """Without any command to the terminal: for names, titles and messages."""
    return _SEQUENCE.sub("", text)


def only_colours(text: str) -> str:
    """What a program printed, with its colours and line ends, without anything that moves or writes
    elsewhere."""
    return _SEQUENCE.sub(lambda match: match[0] if _COLOUR.fullmatch(match[0]) else "", text)
