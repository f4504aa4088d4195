"""Accounts that are handed out with a clock, the record of what happened, and messages without a recovery"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_NOW = {"sqlite": "strftime('%Y-%m-%d %H:%M:%f', 'now')", "postgresql": "now()"}


def upgrade() -> None:
    op.create_table(
        "activations",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("asked_by", sa.String(length=24), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reminds_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("contact", sa.String(length=64), nullable=False),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("document_date", sa.Date(), nullable=True),
        sa.Column("caller", sa.String(length=200), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("derived", sa.Boolean(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("password_set_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activations")),
        sa.UniqueConstraint("reference", name=op.f("uq_activations_reference")),
    )
    op.create_index(op.f("ix_activations_address"), "activations", ["address"])
    op.create_index(op.f("ix_activations_document"), "activations", ["document"])
    runs = sa.text("changed_at IS NULL AND replaced_at IS NULL AND locked_at IS NULL")
    op.create_index("ix_activations_running", "activations", ["ends_at"], sqlite_where=runs, postgresql_where=runs)
    op.create_table(
        "audit",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.String(length=400), nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_address"), "audit", ["address"])
    with op.batch_alter_table("messages") as messages:
        messages.alter_column("recovery_id", existing_type=sa.String(length=64), nullable=True)
        messages.add_column(sa.Column("activation_id", sa.String(length=64), nullable=True))
        messages.create_foreign_key(
            op.f("fk_messages_activation_id_activations"),
            "activations",
            ["activation_id"],
            ["id"],
            ondelete="CASCADE",
        )
        messages.create_index(op.f("ix_messages_activation_id"), ["activation_id"])
    _make_view(
        "AND NOT EXISTS (SELECT 1 FROM activations WHERE activations.address = accounts.address "
        "AND changed_at IS NULL AND replaced_at IS NULL "
        f"AND ends_at <= {_NOW[op.get_bind().dialect.name]})"
    )


def downgrade() -> None:
    _make_view("")
    op.execute(sa.text("DELETE FROM messages WHERE recovery_id IS NULL"))
    with op.batch_alter_table("messages") as messages:
        messages.drop_index(op.f("ix_messages_activation_id"))
        messages.drop_constraint(op.f("fk_messages_activation_id_activations"), type_="foreignkey")
        messages.drop_column("activation_id")
        messages.alter_column("recovery_id", existing_type=sa.String(length=64), nullable=False)
    op.drop_table("audit")
    op.drop_table("activations")


def _make_view(condition: str) -> None:
    """Make Dovecot's view anew: a first password whose time is over opens nothing, whether anything has run since."""
    if op.get_bind().dialect.name == "postgresql":
        # replaced, not dropped: Dovecot's role keeps its right to read it
        create = "CREATE OR REPLACE VIEW dovecot_passdb WITH (security_barrier)"
    else:
        op.execute(sa.text("DROP VIEW dovecot_passdb"))
        create = "CREATE VIEW dovecot_passdb"
    op.execute(
        sa.text(
            f"{create} AS "
            "SELECT address AS username, '{ARGON2ID}' || password_hash AS password "
            f"FROM accounts WHERE status = 'active' AND password_hash IS NOT NULL {condition}"
        )
    )
