"""The tables, and the version that says which shape they have."""

from sqlalchemy import JSON, Column, Float, Index, Integer, MetaData, String, Table, Text

#: Raise it together with a step in `migrations.MIGRATIONS`.
SCHEMA_VERSION = 1

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
