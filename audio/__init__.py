"""Written text to mastered clip. Knows no bot and no database."""
