"""When a session was last used, and whether it is remembered: unknown of those that are open, so these end"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM sessions")
    with op.batch_alter_table("sessions") as sessions:
        sessions.add_column(sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False))
        sessions.add_column(sa.Column("remembered", sa.Boolean(), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("sessions") as sessions:
        sessions.drop_column("remembered")
        sessions.drop_column("seen_at")
