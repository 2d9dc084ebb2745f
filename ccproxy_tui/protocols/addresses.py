"""Base URLs as people write them."""

from urllib.parse import urlsplit


def versioned(base_url: str) -> str:
    """Give a base URL without a slash at its end; a mere host gets the usual `/v1`."""
    base = base_url.strip().rstrip("/")
    return base if urlsplit(base).path else f"{base}/v1"
