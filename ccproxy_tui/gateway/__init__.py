"""A call's way through the proxy, from the client's socket to the upstream's and back."""
