"""In processes of their own: what is imported once cannot be imported again."""

import json
import subprocess
import sys
from typing import Any

_PREPARE = "import json, sys\nfrom runtiles_server import quick\n"


def run(code: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-c", _PREPARE + code], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_what_a_single_user_server_does_not_use_is_not_imported() -> None:
    """A guard: each of these is a tenth of a second and more."""
    modules = run("quick.import_server(); print(json.dumps(sorted(sys.modules)))")
    assert "jupyterhub.singleuser.extension" in modules
    assert "jupyterlab.labapp" in modules
    heavy = {"sqlalchemy", "alembic", "aiohttp", "httpx", "requests", "lark", "jupyterhub.orm"}
    assert heavy & set(modules) == set()
    # Nothing pretends to be there either.
    assert "rfc3987_syntax" not in modules


def test_the_real_modules_are_there_for_who_needs_them() -> None:
    assert run(
        "quick.import_server()\n"
        "import jupyterhub.scopes, jupyterhub.utils, jupyterlab.commands, rfc3987_syntax\n"
        "orm = jupyterhub.scopes.orm.User\n"
        "import jupyterhub.orm, jupyterhub.handlers.pages, sqlalchemy.exc, aiohttp, requests\n"
        "from jupyterlab.extensions.pypi import PyPIExtensionManager\n"
        "from jupyterhub.app import JupyterHub\n"
        "print(json.dumps([orm is jupyterhub.orm.User, isinstance(PyPIExtensionManager, type),\n"
        "    issubclass(sqlalchemy.exc.SQLAlchemyError, Exception), bool(requests.get),\n"
        "    jupyterhub.utils.aiohttp.ClientError is aiohttp.ClientError,\n"
        "    jupyterlab.commands._yarn_config.__module__]))"
    ) == [True, True, True, True, True, "jupyterlab.commands"]


def test_a_newer_version_that_needs_a_part_at_once_costs_only_time() -> None:
    """As if one more module were among what is needed later, and then is needed at once."""
    assert run(
        "quick._STAND_INS['jupyterhub.utils'] = {}\n"
        "main = quick.import_server()\n"
        "import jupyterhub.utils, jupyterhub.singleuser\n"
        "print(json.dumps([callable(main), callable(jupyterhub.utils.url_path_join),\n"
        "    main == jupyterhub.singleuser.main]))"
    ) == [True, True, True]


def test_a_newer_version_that_cannot_do_with_a_stand_in_is_imported_the_ordinary_way() -> None:
    """As if a class were derived from what the stand-in gives: late, after metrics were registered."""
    assert run(
        "quick._STAND_INS['jupyterlab.extensions.readonly'] = {'ReadOnlyExtensionManager': 7}\n"
        "quick._STAND_INS['jupyterhub.services.auth'] = {'HubOAuth': 7, 'HubOAuthCallbackHandler': 7}\n"
        "main = quick.import_server()\n"
        "import jupyterhub.services.auth, jupyterhub.singleuser\n"
        "print(json.dumps([isinstance(jupyterhub.services.auth.HubOAuth, type),\n"
        "    main == jupyterhub.singleuser.main, 'jupyterhub.orm' in sys.modules]))"
    ) == [True, True, True]


def test_an_import_error_reaches_the_caller() -> None:
    assert run(
        "sys.modules['jupyter_server'] = None\n"
        "background = quick.BackgroundImport()\n"
        "try:\n    background.result()\nexcept ImportError as error:\n"
        "    print(json.dumps(['jupyter' in str(error)]))"
    ) == [True]


def test_garbage_is_collected_again() -> None:
    assert run(
        "import gc\nquick.hold_garbage()\nheld = gc.isenabled()\nquick.release_garbage()\n"
        "print(json.dumps([held, gc.isenabled(), gc.get_freeze_count() > 0]))"
    ) == [False, True, True]
