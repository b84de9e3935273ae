"""One tree for both databases; `env.py` runs on the connection `schema.migrate` hands in."""
