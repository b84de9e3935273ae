"""A batch in (`Handler`), a batch out (`Sender`)."""
