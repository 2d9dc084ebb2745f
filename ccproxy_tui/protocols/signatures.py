"""Signatures of reasoning that travel through a client whose protocol is not their vendor's.

The client keeps them and sends them back, though the next call may go to another vendor, which
would refuse them: so a foreign signature carries its maker's name.
"""

from typing import Final

_MARK: Final = "ccproxy:"


def seal(signature: str, maker: str, client: str) -> str:
    """Give the signature as a client of the protocol `client` shall keep it."""
    return signature if maker in ("", client) or not signature else f"{_MARK}{maker}:{signature}"


def unseal(kept: str, client: str) -> tuple[str, str]:
    """Give the signature and its maker, as a client of the protocol `client` sent it back."""
    if not is_foreign(kept):
        return kept, client if kept else ""
    maker, _, signature = kept.removeprefix(_MARK).partition(":")
    return signature, maker


def is_foreign(kept: str) -> bool:
    """Whether a kept signature is one that the client's own vendor never made."""
    return kept.startswith(_MARK)
