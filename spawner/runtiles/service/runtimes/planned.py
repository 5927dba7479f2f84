"""Actions that are known by name and do not exist yet: they answer 501."""

PLANNED = (
    "pause",
    "resume",
    "freeze",
    "thaw",
    "extend",
    "hold",
    "interrupt",
    "restart",
    "transfer",
)
