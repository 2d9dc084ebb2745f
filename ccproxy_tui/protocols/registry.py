"""The protocols that there are; a new one is one module and one line here."""

from collections.abc import Mapping
from typing import Final

from ccproxy_tui.protocols import claude, openai
from ccproxy_tui.protocols.base import ProtocolModule

PROTOCOLS: Final[Mapping[str, ProtocolModule]] = {
    "claude": claude,
    "openai": openai,
}
