"""Names of environment variables: which are names at all, and which could take over the server.

A user's variables are set in the process of the launcher, which then starts the user's server: what
decides who that server trusts, which code it loads or which devices it sees is not the user's to set.
"""

import re

from runtiles.contract.protocol import ENV_CPU_THRESHOLD, ENV_GPU_THRESHOLD

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")
_MAX_VALUE = 32_768

#: Nobody sets these, admins neither: the Hub, the launcher and the GPU ledger own them.
_OWNED_PREFIXES = ("JUPYTERHUB_", "JPY_", "RUNTILES_")
_OWNED = frozenset({"NVIDIA_VISIBLE_DEVICES"})
#: Of these, what is there for admins to set in a tile.
_OF_TILES = frozenset({ENV_CPU_THRESHOLD, ENV_GPU_THRESHOLD})

#: Settings of the server, code loaded by the dynamic linker, Python, OpenSSL or a shell before
#: anything else runs, and the devices a container sees.
_RESERVED_PREFIXES = ("JUPYTER", "LD_", "PYTHON", "NVIDIA_", "BASH_", "GIT_", "OPENSSL_")
_RESERVED = frozenset(
    {
        *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "ENV", "IFS", "CDPATH", "PS4"),
        *("SHELLOPTS", "BASHOPTS", "PROMPT_COMMAND", "ZDOTDIR", "GLIBC_TUNABLES", "GCONV_PATH"),
        *("LOCPATH", "NLSPATH", "HOSTALIASES", "RESOLV_HOST_CONF", "SSH_ASKPASS"),
        *("SSLKEYLOGFILE", "VIRTUAL_ENV", "TINI_SUBREAPER", "TINI_KILL_PROCESS_GROUP"),
    }
)
#: Who commits is the user's own business; every other GIT_ variable can redirect or run something.
_HARMLESS = frozenset(
    f"GIT_{role}_{what}" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL", "DATE")
) | {"GIT_LFS_SKIP_SMUDGE", "GIT_MERGE_AUTOEDIT"}

_CREDENTIAL_WORDS = frozenset(
    {"PASSWORD", "PASSWD", "PASSPHRASE", "TOKEN", "SECRET", "APIKEY", "CREDENTIAL", "CREDENTIALS"}
)
#: These never hold a switch or a count: a password may well be made of digits.
_ALWAYS = frozenset({"PASSWORD", "PASSWD", "PASSPHRASE", "SECRET"})
_PLAIN_VALUE = re.compile(r"[0-9.]*|true|false|yes|no|on|off|none", re.IGNORECASE)


def check_name(name: str) -> str:
    """A name that a user may set. Raises ValueError."""
    _check_shape(name)
    if is_reserved(name):
        raise ValueError("is reserved: it could take over the server of the runtime")
    return name


def check_tile_name(name: str) -> str:
    """A name that an admin may set in a tile. Raises ValueError."""
    _check_shape(name)
    if _is_owned(name) and name not in _OF_TILES:
        raise ValueError("is set by Runtiles itself")
    return name


def check_value(value: object) -> str:
    """Any text without NUL; numbers become text."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise ValueError("must be text or a number")  # noqa: TRY004 (pydantic reads it)
    if "\0" in value or len(value) > _MAX_VALUE:
        raise ValueError(f"must be at most {_MAX_VALUE} characters, and no NUL among them")
    return value


def is_reserved(name: str) -> bool:
    if name in _HARMLESS:
        return False
    return _is_owned(name) or name in _RESERVED or name.startswith(_RESERVED_PREFIXES)


def names_a_credential(name: str, value: str) -> bool:
    """By its name (HF_TOKEN, WANDB_API_KEY, DB_PASSWORD) this holds a credential.

    A guess that errs on the side of a stored secret, except for values that are none (`true`, `512`).
    """
    words = name.upper().split("_")
    if not _ALWAYS.isdisjoint(words):
        return bool(value)
    named = not _CREDENTIAL_WORDS.isdisjoint(words) or words[-1] in ("KEY", "PAT")
    return named and not _PLAIN_VALUE.fullmatch(value)


def _is_owned(name: str) -> bool:
    return name in _OWNED or name.startswith(_OWNED_PREFIXES)


def _check_shape(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ValueError("must be a name of letters, digits and '_' that starts with no digit")
