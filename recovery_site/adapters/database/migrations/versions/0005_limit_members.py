"""What limits count that is different: addresses typed by one client, under keyed hashes"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "limit_members",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("member", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", "member", name=op.f("pk_limit_members")),
    )
    op.create_index(op.f("ix_limit_members_member"), "limit_members", ["member"])
    op.create_index(op.f("ix_limit_members_expires_at"), "limit_members", ["expires_at"])


def downgrade() -> None:
    op.drop_table("limit_members")
