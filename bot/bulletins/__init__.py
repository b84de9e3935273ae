"""Bulletins: what goes over a commune's loudspeakers, when, on whose word, and what became of it."""
