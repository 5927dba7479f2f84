"""Blocks of a file, before there is anything in them."""

import errno
import importlib
import os


def reserve(file: int, position: int, size: int) -> None:
    """Blocks for what will be written there: without, writes at the end of a file wait for each other.

    Where the file system cannot, nothing happens: what os.posix_fallocate does instead is slow.
    """
    try:
        # Not every Python has it.
        ctypes = importlib.import_module("ctypes")
        call = ctypes.CDLL(None, use_errno=True).fallocate64
    except (ImportError, OSError, AttributeError):
        return
    if call(file, 0, ctypes.c_int64(position), ctypes.c_int64(size)) == 0:
        return
    number = ctypes.get_errno()
    if number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        raise OSError(number, os.strerror(number))
