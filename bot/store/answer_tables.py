"""The tables of answers for all, announcements, keys of integrations and saved views. A change needs a migration."""

from __future__ import annotations
