"""Loa Thon's conversation service: from a household's words to a dated, cited answer or a tracked case."""
