"""The voices: one contract, each voice its own file, a chain that always ends in one that works."""
