"""Stand-ins and set-ups that several suites share."""
