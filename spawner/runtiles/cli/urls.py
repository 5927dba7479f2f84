"""Addresses: of the API, of its parts, of a runtime's page. Pure."""

from urllib.parse import quote, urlsplit

from runtiles.contract.protocol import SERVICE_NAME

from .errors import BadUsage

_PAGES = ("/hub/", "/services/", "/user/")


def path(*parts: str) -> str:
    """A path of the API, each part quoted whole: no name leads elsewhere."""
    return "".join(f"/{quote(part, safe='')}" for part in parts)


def api_of(address: str) -> str:
    """The service's API on the Hub that an address of one of its pages leads to. Raises BadUsage."""
    text = address.strip() if "://" in address else f"https://{address.strip()}"
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https"):
        raise BadUsage(f"{address!r} is not the address of a site, such as https://hub.example.org")
    if parts.username or parts.password:
        raise BadUsage("The address of a site holds no user name and no password.")
    base = parts.path.rstrip("/") + "/"
    for page in _PAGES:
        base = base.split(page, 1)[0].rstrip("/") + "/"
    return f"{parts.scheme}://{parts.netloc}{base}services/{SERVICE_NAME}/api"


def hub_of(api: str) -> str:
    """Where the Hub's own pages are: the address that people know, without a slash at its end."""
    return api.split(f"/services/{SERVICE_NAME}/", 1)[0]


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def encrypted(url: str) -> bool:
    """May a token go there? Over https, or without leaving the machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname in ("localhost", "127.0.0.1", "::1")
