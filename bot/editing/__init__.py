"""Content written at the desk: draft, check, approval by a second person, published versions, and back to an older one.

`drafts` writes, `checks` finds what is wrong, `sheet` shows all of it before an official, `publishing` approves,
withdraws and rolls back, `exchange` turns it into YAML and back.
"""
