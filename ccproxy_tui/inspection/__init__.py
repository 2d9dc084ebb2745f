"""What recorded calls say: read by the protocols' own readers, and compared. It needs no server."""
