"""What a site lets its users ask for beyond the tiles. The default is the careful one."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from .values.quantities import ByteSize, Duration

Scheme = Literal["https", "http", "ssh", "git", "file"]


class SitePolicy(BaseModel):
    """One site's rules. Durations are `4h` texts or seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    allow_custom_images: bool = False
    """May a request name an image of its own? A tile's own image is always allowed."""
    allowed_images: tuple[str, ...] = ()
    """When custom images are allowed: patterns, one of which covers the whole reference
    (`docker.io/jupyter/*`). Empty: any image."""
    allow_custom_commands: bool = True
    workspace_schemes: tuple[Scheme, ...] = ("https",)
    """What git may speak. `file` reads the disk of the runtime: for tests."""
    workspace_hosts: tuple[str, ...] = ()
    """Exact names, or `*.example.org` for what is below example.org. Empty: any host."""
    allow_contexts: bool = True
    """May a folder be uploaded for a runtime to start with?"""
    max_context_size: ByteSize = 2**30
    """Of one such folder, packed."""
    max_contexts_size: ByteSize = 4 * 2**30
    """Of all that a user has uploaded; the oldest make room for a new one."""
    default_tile: str | None = None
    default_machine: str | None = None
    max_time_limit: Duration | None = None
    max_idle_timeout: Duration | None = None
    max_runtimes: int | None = Field(default=None, ge=1)
    """How many runtimes a user may have at a time."""
    max_snapshots_size: ByteSize | None = None
    """Of all snapshots of a user."""
    keep_snapshots: int = Field(default=2, ge=1)
    """How many of a runtime's snapshots that nobody gave a name are kept: the newest ones."""
    snapshot_max_age: Duration | None = None
    """How long a snapshot without a name is kept that no runtime is paused on."""
    currency: str = Field(default="", max_length=8)
    """What is written with prices: `€`, `$`, `EUR`."""
    allow_user_mounts: bool = False
    mount_sources: tuple[str, ...] = ()
    """When mounts are allowed: patterns of the volumes that may be mounted. A path of the host is
    never one of them."""
