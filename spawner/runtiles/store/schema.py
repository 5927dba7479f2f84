"""The tables, and the version that says which shape they have."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

#: Raise it together with a step in `migrations.MIGRATIONS`.
SCHEMA_VERSION = 4

METADATA = MetaData()

#: One row: which shape the other tables have.
VERSION = Table(
    "runtiles_schema",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
)

LAUNCHES = Table(
    "runtiles_launches",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("user", String(255), nullable=False),
    Column("server", String(255), nullable=False),
    Column("created", Float, nullable=False),
    Column("tile", String(255), nullable=False),
    Column("machine", String(255), nullable=False),
    Column("image", Text, nullable=False),
    Column("image_digest", Text, nullable=False),
    Column("container_id", String(255), nullable=False),
    Column("gpus", JSON, nullable=False),
    Column("options", JSON, nullable=False),
    Column("spec", JSON, nullable=False),
    Column("state", String(32), nullable=False),
    Column("started_at", Float),
    Column("ended_at", Float),
    Column("error", JSON(none_as_null=True)),
    Column("notices", JSON, nullable=False),
    Column("token_hash", String(64), nullable=False),
    Column("price_per_hour", Float, nullable=False, server_default="0"),
    Column("address", Text, nullable=False, server_default=""),
    Column("storage", JSON(none_as_null=True)),
    Column("snapshot", String(64), nullable=False, server_default=""),
    Column("frozen_at", Float),
    Column("expires_at", Float),
    Column("held_until", Float),
    Column("teams", JSON(none_as_null=True)),
    Index("runtiles_launches_of_runtime", "user", "server"),
    # Numbers order the launches; SQLite hands out a freed number again unless told not to.
    sqlite_autoincrement=True,
)

EVENTS = Table(
    "runtiles_events",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("user", String(255), nullable=False),
    Column("server", String(255), nullable=False),
    Column("launch_id", String(64), nullable=False),
    Column("at", Float, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("payload", JSON, nullable=False),
    Index("runtiles_events_of_launch", "launch_id", "kind"),
    Index("runtiles_events_of_runtime", "user", "server"),
    sqlite_autoincrement=True,
)

LOGS = Table(
    "runtiles_logs",
    METADATA,
    Column("launch_id", String(64), primary_key=True),
    Column("phase", String(32), primary_key=True),
    Column("user", String(255), nullable=False),
    Column("server", String(255), nullable=False),
    Column("at", Float, nullable=False),
    Column("text", Text, nullable=False),
    Index("runtiles_logs_of_runtime", "user", "server"),
)

FACTS = Table(
    "runtiles_facts",
    METADATA,
    Column("name", String(255), primary_key=True),
    Column("at", Float, nullable=False),
    Column("value", JSON, nullable=False),
)

SECRETS = Table(
    "runtiles_secrets",
    METADATA,
    Column("kind", String(16), primary_key=True),
    Column("owner", String(255), primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("token", Text, nullable=False),
    Column("created", Float, nullable=False),
    Column("updated", Float, nullable=False),
)

#: Which runtime changed, in order: what pages follow. Old rows are pruned, nobody replays them.
CHANGES = Table(
    "runtiles_changes",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("user", String(255), nullable=False),
    Column("server", String(255), nullable=False),
    Column("at", Float, nullable=False),
    sqlite_autoincrement=True,
)

#: What a person calls a runtime, beside the name that the Hub knows.
TITLES = Table(
    "runtiles_titles",
    METADATA,
    Column("user", String(255), primary_key=True),
    Column("server", String(255), primary_key=True),
    Column("title", Text, nullable=False),
)

AUDIT = Table(
    "runtiles_audit",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Float, nullable=False),
    Column("actor", String(255), nullable=False),
    Column("action", String(64), nullable=False),
    Column("target", Text, nullable=False),
    Column("details", JSON, nullable=False),
    Index("runtiles_audit_by_time", "at"),
    sqlite_autoincrement=True,
)

#: One row per time that a runtime ran, kept after the runtime is forgotten.
USAGE = Table(
    "runtiles_usage",
    METADATA,
    Column("launch_id", String(64), primary_key=True),
    Column("user", String(255), nullable=False),
    Column("server", String(255), nullable=False),
    Column("tile", String(255), nullable=False),
    Column("machine", String(255), nullable=False),
    Column("gpus", Integer, nullable=False),
    Column("price_per_hour", Float, nullable=False),
    Column("started", Float, nullable=False),
    Column("ended", Float),
    Index("runtiles_usage_by_time", "started"),
    # What has not ended yet, and what ended lately: few, whatever is behind them.
    Index("runtiles_usage_by_end", "ended"),
)

#: What admins tell users; shown until the user dismisses it.
NOTICES = Table(
    "runtiles_notices",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("user", String(255), nullable=False),
    Column("at", Float, nullable=False),
    Column("author", String(255), nullable=False),
    Column("text", Text, nullable=False),
    Column("about", String(255), nullable=False, server_default=""),
    Index("runtiles_notices_of_user", "user"),
    sqlite_autoincrement=True,
)

#: Tiles and machines as changed in the panel: the keys that differ from the files.
OVERRIDES = Table(
    "runtiles_overrides",
    METADATA,
    Column("kind", String(16), primary_key=True),
    Column("slug", String(255), primary_key=True),
    Column("data", JSON, nullable=False),
    Column("at", Float, nullable=False),
    Column("author", String(255), nullable=False),
)

#: What a drain did with each runtime, until it is over.
DRAINED = Table(
    "runtiles_drained",
    METADATA,
    Column("user", String(255), primary_key=True),
    Column("server", String(255), primary_key=True),
    Column("outcome", String(32), nullable=False),
    Column("message", Text, nullable=False),
    Column("at", Float, nullable=False),
)

#: When an image was last started, by its id.
IMAGE_USES = Table(
    "runtiles_image_uses",
    METADATA,
    Column("image_id", String(255), primary_key=True),
    Column("reference", Text, nullable=False),
    Column("last_used", Float, nullable=False),
)

#: Uploaded folders that a runtime starts with; the archive itself is a file.
CONTEXTS = Table(
    "runtiles_contexts",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("user", String(255), nullable=False),
    Column("created", Float, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Index("runtiles_contexts_of_user", "user"),
)

#: The tables of version 2, for the step from version 1.
NEW_IN_2 = (
    CHANGES,
    TITLES,
    AUDIT,
    USAGE,
    NOTICES,
    OVERRIDES,
    DRAINED,
    IMAGE_USES,
    CONTEXTS,
)

#: Saved variables of kernels; the bytes are on the user's storage. `manifest` is packed JSON.
SNAPSHOTS = Table(
    "runtiles_snapshots",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("user", String(255), nullable=False),
    Column("server", String(255), nullable=False),
    Column("name", Text, nullable=False),
    Column("created", Float, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("origin", String(16), nullable=False),
    Column("trusted", Boolean, nullable=False),
    Column("launch_id", String(64), nullable=False),
    Column("tile", String(255), nullable=False),
    Column("machine", String(255), nullable=False),
    Column("options", JSON, nullable=False),
    Column("storage", JSON(none_as_null=True)),
    Column("summary", JSON, nullable=False),
    Column("manifest", LargeBinary, nullable=False),
    Index("runtiles_snapshots_of_user", "user"),
)

#: The pause that is under way, or failed last: one row per runtime.
PAUSES = Table(
    "runtiles_pauses",
    METADATA,
    Column("user", String(255), primary_key=True),
    Column("server", String(255), primary_key=True),
    Column("launch_id", String(64), nullable=False),
    Column("snapshot", String(64), nullable=False),
    Column("actor", String(255), nullable=False),
    Column("accepted", Boolean, nullable=False),
    Column("interrupt", Boolean, nullable=False),
    Column("kernels", JSON(none_as_null=True)),
    Column("thawed", Boolean, nullable=False),
    Column("started", Float, nullable=False),
    Column("ended", Float),
    Column("phase", String(16), nullable=False),
    Column("message", Text, nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("error", JSON(none_as_null=True)),
)

NEW_IN_3 = (SNAPSHOTS, PAUSES)

#: When a launch waited for a GPU, and when its clock stood still: kept like its row of use.
SPANS = Table(
    "runtiles_spans",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("launch_id", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("user", String(255), nullable=False),
    Column("server", String(255), nullable=False),
    Column("machine", String(255), nullable=False),
    Column("price_per_hour", Float, nullable=False),
    Column("started", Float, nullable=False),
    Column("ended", Float),
    Index("runtiles_spans_of_launch", "launch_id"),
    Index("runtiles_spans_by_time", "started"),
    Index("runtiles_spans_by_end", "ended"),
    sqlite_autoincrement=True,
)

NEW_IN_4 = (SPANS,)
