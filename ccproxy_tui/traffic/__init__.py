"""What happened: a record a call, the feed that tells of it, and the journal that keeps it."""
