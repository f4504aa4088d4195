"""What Dovecot's SQL passdb may see of the embedded directory

A later migration that changes `accounts` has to make this view again: neither engine lets a table change under it. On
PostgreSQL by CREATE OR REPLACE, where that will do: with a dropped view goes the right of Dovecot's role to read it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # without the barrier a reader's own function could be shown the rows that the view leaves out
    options = " WITH (security_barrier)" if op.get_bind().dialect.name == "postgresql" else ""
    op.execute(
        sa.text(
            f"CREATE VIEW dovecot_passdb{options} AS "
            "SELECT address AS username, '{ARGON2ID}' || password_hash AS password "
            "FROM accounts WHERE status = 'active' AND password_hash IS NOT NULL"
        )
    )


def downgrade() -> None:

    op.execute(sa.text("DROP VIEW dovecot_passdb"))
