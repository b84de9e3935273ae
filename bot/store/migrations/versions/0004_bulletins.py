"""Clips, bulletins, the broadcast log."""

import sqlalchemy as sa
from alembic import op

from bot.store import columns

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
