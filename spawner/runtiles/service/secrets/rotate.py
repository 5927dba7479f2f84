"""`python -m runtiles.service rotate-key`: for an admin on the host, while Hub and service run."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from runtiles.contract.errors import RuntilesError
from runtiles.store import KeyFile, Rotated, Store

_EPILOG = """
The key file and the store are those of jupyterhub_config.py. Run this as the user who runs the Hub, or as
root. Nothing needs to be stopped or restarted. Before --drop-old think of backups: a copy of the database
from before can only be read with the key that it was written with.
"""


def main(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> int:
    """0: done; 1: nothing was lost, and not all is done; 2: bad usage. The reason is on stderr."""
    parser = _parser(environ)
    asked = parser.parse_args(arguments)
    if not asked.key_file or not asked.store_url:
        parser.error("say which --key-file and which --store-url")
    if asked.store_url != environ.get("RUNTILES_STORE_URL") and _has_password(asked.store_url):
        # Everybody on this machine reads the arguments of everybody's processes.
        parser.error("a URL with a password belongs into the variable RUNTILES_STORE_URL")
    if not os.path.exists(asked.key_file):  # noqa: PTH110 - a missing one would be made
        parser.error(f"there is no key file {asked.key_file}")
    try:
        rotated = _rotate(asked.store_url, asked.key_file, drop_old=asked.drop_old)
    except RuntilesError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(_told(rotated, dropped=asked.drop_old))
    return 1 if rotated.unreadable else 0


def _rotate(url: str, key_file: str, *, drop_old: bool) -> Rotated:
    store = Store(url, KeyFile(key_file))
    try:
        return store.rotate_key(drop_old=drop_old)
    finally:
        store.close()


def _parser(environ: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m runtiles.service rotate-key",
        description="Encrypts all secrets with a new key.",
        epilog=_EPILOG,
    )
    parser.add_argument(
        "--key-file",
        default=environ.get("RUNTILES_KEY_FILE"),
        help="default: $RUNTILES_KEY_FILE",
    )
    parser.add_argument(
        "--store-url",
        default=environ.get("RUNTILES_STORE_URL"),
        help="default: $RUNTILES_STORE_URL",
    )
    parser.add_argument(
        "--drop-old",
        action="store_true",
        help="take the older keys out of the file when nothing needs them any more",
    )
    return parser


def _has_password(url: str) -> bool:
    try:
        return bool(make_url(url).password)
    except ArgumentError:
        return False


def _told(rotated: Rotated, *, dropped: bool) -> str:
    secrets = "1 secret is" if rotated.count == 1 else f"{rotated.count} secrets are"
    lines = [f"{secrets} encrypted with a new key."]
    if dropped:
        lines.append("Older keys are no longer in the file.")
    else:
        lines.append("Older keys are still in the file; --drop-old takes them out.")
    if rotated.unreadable:
        lines.append(
            "These were encrypted with a key that is not in the file, and stay as they are:"
        )
        lines += [f"  {name}" for name in rotated.unreadable]
    return "\n".join([*lines, ""])
