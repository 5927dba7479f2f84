"""The table: a cell, and what must be true after it was saved in one process and loaded in another."""

from . import awkward, functions, identity, libraries, live, networks, science, tensors, values
from .case import Case

CASES: list[Case] = [
    *identity.CASES,
    *functions.CASES,
    *values.CASES,
    *awkward.CASES,
    *live.CASES,
    *libraries.CASES,
    *tensors.CASES,
    *networks.CASES,
    *science.CASES,
]
