"""Frozen records that every part of the bot shares. Standard library only."""
