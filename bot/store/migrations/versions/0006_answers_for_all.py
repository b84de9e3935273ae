"""Answers for the whole hamlet, announcements, keys of integrations, saved views."""

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
