"""Everything the bot may say, read from `content/` and the published overlay into one immutable, typed library."""
