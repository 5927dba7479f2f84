"""What a site lets its users ask for beyond the tiles. The default is the careful one."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from .catalogue.models import IdleRule
from .values.quantities import ByteSize, Duration

Scheme = Literal["https", "http", "ssh", "git", "file"]
LossAction = Literal["hold", "freeze", "pause"]
#: What groups may have otherwise than the rest of the site.
LimitName = Literal[
    "max_time_limit", "default_time_limit", "max_extension", "max_hold", "max_idle_timeout"
]


@dataclass(frozen=True)
class Limit:
    """`who` sets it, for people: `this site`, `the group 'students'`."""

    seconds: int
    who: str = "this site"


class GroupPolicy(BaseModel):
    """What members of one of the Hub's groups have in the place of what `SitePolicy` says under the same
    name; what is None is as for everybody."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_time_limit: Duration | None = None
    default_time_limit: Duration | None = None
    max_extension: Duration | None = None
    max_hold: Duration | None = None
    max_idle_timeout: Duration | None = None


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
    default_time_limit: Duration | None = None
    """What a runtime gets that is asked for without one, below the longest that is allowed."""
    max_extension: Duration | None = None
    """How far beyond its longest time a reservation may be extended. None: not at all."""
    max_hold: Duration | None = 24 * 3600
    """How long from now a user may keep an idle runtime. None: no limit."""
    max_age: Duration | None = None
    """After it a runtime ends, whatever it does; no extension goes beyond."""
    groups: Mapping[str, GroupPolicy] = Field(default_factory=dict)
    """By the Hub's groups: what their members have instead. Of several groups the most generous counts."""
    default_idle: IdleRule | None = None
    """For runtimes whose request, tile and pool say nothing of idleness."""
    pool_idle: Mapping[str, IdleRule] = Field(default_factory=dict)
    """The same by pool of machines."""
    min_idle_timeout: Duration | None = None
    max_idle_timeout: Duration | None = None
    on_loss: LossAction = "hold"
    """What becomes of an idle runtime of which a pause would lose something: `hold` leaves it running and
    tells its owner what it is, `freeze` freezes it, `pause` pauses it all the same."""
    freeze_for: Duration | None = 24 * 3600
    """So long after it was frozen a runtime is paused. None: never."""
    idle_warnings: tuple[Duration, ...] = (600, 300, 60)
    """Seconds before the end at which its owner is told. Empty: never."""
    idle_actions_per_minute: int = Field(default=300, ge=1)
    idle_dry_run: bool = False
    """Only write into the audit log what would be done."""
    cull_users: bool = False
    """Delete users who have not been active for `cull_users_after` and have no server."""
    cull_users_after: Duration = 30 * 86400
    cull_admin_users: bool = False
    remove_named_servers: Duration | None = None
    """So long after its end a named runtime is removed from the Hub; files and snapshots stay."""
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

    def limit(self, name: LimitName, teams: Collection[str] | None) -> Limit | None:
        """What holds for a member of these groups; None where neither they nor the site say anything.

        Of their groups that say something the most generous counts, and takes the place of the site's own
        value, be it more or less. `teams` of None, where nobody knows them: the most that anybody may have.
        """
        value: int | None = getattr(self, name)
        site = None if value is None else Limit(value)
        said = [
            Limit(value, f"the group {group!r}")
            for group in sorted(self.groups if teams is None else self.groups.keys() & set(teams))
            if (value := getattr(self.groups[group], name)) is not None
        ]
        if teams is None:
            said = [] if site is None else [site, *said]
        return max(said, key=lambda limit: limit.seconds, default=site)

    def known_groups(self, teams: Collection[str]) -> tuple[str, ...]:
        """Those of them that this policy speaks of."""
        return tuple(sorted(self.groups.keys() & set(teams)))
