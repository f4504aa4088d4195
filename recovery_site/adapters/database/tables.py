"""The tables. Neither a code nor a password nor, outside `phones`, a telephone number is in any of them."""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Enum,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    TypeDecorator,
)

from recovery_site.domain.activation import AskedBy
from recovery_site.domain.audit import EventKind
from recovery_site.domain.messages import Channel, FaultKind, MessageKind, MessageState
from recovery_site.domain.people import AccountKind, AccountStatus
from recovery_site.domain.recovery import Step

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC time; SQLite, which has no time zones, stores it without its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 -- SQLAlchemy's signature
    ) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _names(kind: type) -> Enum:
    """Return the column type of an enumeration: its values as text, without a type of the database's own."""
    return Enum(
        kind, native_enum=False, create_constraint=False, length=24, values_callable=lambda e: [m.value for m in e]
    )


recoveries = Table(
    "recoveries",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("browser", String(64), nullable=False, index=True),
    Column("previous_browser", String(64), index=True),
    Column("reference", String(16), nullable=False, unique=True),
    Column("address", String(254), nullable=False, index=True),
    Column("step", _names(Step), nullable=False),
    Column("phone", String(64)),
    Column("masked_phone", String(16)),
    Column("generation", Integer, nullable=False),
    Column("sends", Integer, nullable=False),
    Column("key_id", String(16)),
    Column("attempts_left", Integer, nullable=False),
    Column("code_expires_at", UtcTime),
    Column("last_sent_at", UtcTime),
    Column("claimed_until", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("resumed_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
)

messages = Table(
    "messages",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("kind", _names(MessageKind), nullable=False),
    Column("channel", _names(Channel), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("recovery_id", ForeignKey("recoveries.id", ondelete="CASCADE"), index=True),
    Column("activation_id", ForeignKey("activations.id", ondelete="CASCADE"), index=True),
    Column("reference", String(16), nullable=False),
    Column("address", String(254), nullable=False),
    Column("phone", String(64), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("key_id", String(16)),
    Column("state", _names(MessageState), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("deadline", UtcTime, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("gateway", String(64)),
    Column("passed_over", String(400), nullable=False),
    Column("carrier_id", String(128), index=True),
    Column("handed_at", UtcTime),
    Column("accepted_at", UtcTime, index=True),
    Column("finished_at", UtcTime),
    Column("fault", String(200)),
    Column("fault_kind", _names(FaultKind)),
)
_waits = messages.c.state.in_([MessageState.QUEUED, MessageState.SENDING])
# the queue itself, small however many messages have been sent
Index(
    "ix_messages_queue",
    messages.c.priority,
    messages.c.due_at,
    sqlite_where=_waits,
    postgresql_where=_waits,
)

activations = Table(
    "activations",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("address", String(254), nullable=False, index=True),
    Column("reference", String(16), nullable=False, unique=True),
    Column("asked_by", _names(AskedBy), nullable=False),
    Column("key_id", String(16), nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("ends_at", UtcTime, nullable=False),
    Column("reminds_at", UtcTime, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("contact", String(64), nullable=False),
    Column("document", String(200), nullable=False, index=True),
    Column("document_date", Date),
    Column("caller", String(200), nullable=False),
    Column("called_at", UtcTime),
    Column("derived", Boolean, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("password_set_at", UtcTime),
    Column("reminded_at", UtcTime),
    Column("changed_at", UtcTime),
    Column("locked_at", UtcTime),
    Column("replaced_at", UtcTime),
)
_runs = activations.c.changed_at.is_(None) & activations.c.replaced_at.is_(None) & activations.c.locked_at.is_(None)
# the clocks that somebody has to look at, few however many accounts have been handed out
Index("ix_activations_running", activations.c.ends_at, sqlite_where=_runs, postgresql_where=_runs)

# SQLite counts up by itself only where the column is its own kind of integer
_position = BigInteger().with_variant(Integer, "sqlite")
audit = Table(
    "audit",
    metadata,
    Column("position", _position, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("kind", _names(EventKind), nullable=False),
    Column("address", String(254), nullable=False, index=True),
    Column("actor", String(200), nullable=False),
    Column("detail", String(400), nullable=False),
    Column("reference", String(16), nullable=False),
    Column("client", String(64), nullable=False),
    Column("salt", String(64), nullable=False),
    Column("personal", String(64), nullable=False),
    Column("link", String(64), nullable=False),
    Column("key_id", String(16), nullable=False),
    Column("seal", String(64), nullable=False),
    Index("ix_audit_kind_at", "kind", "at"),
)

# one row: who adds to the record waits for it, so that the chain has one head on all nodes
audit_chain = Table(
    "audit_chain",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("base_position", BigInteger, nullable=False),
    Column("base_link", String(64), nullable=False),
    Column("head_position", BigInteger, nullable=False),
    Column("head_link", String(64), nullable=False),
    Column("key_id", String(16), nullable=False),
    Column("seal", String(64), nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("browser", String(64), primary_key=True),
    Column("address", String(254), nullable=False, index=True),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("remembered", Boolean, nullable=False),
)

limit_counters = Table(
    "limit_counters",
    metadata,
    Column("key", String(128), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("expires_at", UtcTime, nullable=False, index=True),
)

limit_members = Table(
    "limit_members",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("member", String(64), primary_key=True, index=True),
    Column("expires_at", UtcTime, nullable=False, index=True),
)

accounts = Table(
    "accounts",
    metadata,
    Column("address", String(254), primary_key=True),
    Column("display_name", String(200), nullable=False),
    Column("unit", String(200), nullable=False),
    Column("kind", _names(AccountKind), nullable=False),
    Column("status", _names(AccountStatus), nullable=False),
    Column("password_hash", String(200)),
    Column("password_changed_at", UtcTime),
)

phones = Table(
    "phones",
    metadata,
    Column("address", ForeignKey("accounts.address", ondelete="CASCADE", onupdate="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("number", String(16), nullable=False, index=True),
    Column("holder", String(200), nullable=False),
)
