"""The chain of the record: salts, links and seals of its rows, and the row that knows both of its ends"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_COLUMNS = {"client": 64, "salt": 64, "personal": 64, "link": 64, "key_id": 16, "seal": 64}


def upgrade() -> None:
    for name, length in _COLUMNS.items():
        op.add_column("audit", sa.Column(name, sa.String(length=length), nullable=False, server_default=""))
    op.create_index("ix_audit_kind_at", "audit", ["kind", "at"])
    op.create_table(
        "audit_chain",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("base_position", sa.BigInteger(), nullable=False),
        sa.Column("base_link", sa.String(length=64), nullable=False),
        sa.Column("head_position", sa.BigInteger(), nullable=False),
        sa.Column("head_link", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_chain")),
    )


def downgrade() -> None:
    op.drop_table("audit_chain")
    op.drop_index("ix_audit_kind_at", table_name="audit")
    with op.batch_alter_table("audit") as audit:
        for name in _COLUMNS:
            audit.drop_column(name)
