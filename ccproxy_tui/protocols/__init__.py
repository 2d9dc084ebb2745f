"""How an API talks: one module a protocol, each converting to and from the hub."""
