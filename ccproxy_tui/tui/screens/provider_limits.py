"""What is seldom said of a provider: limits, time-outs, and by which HTTP proxy it is reached."""

from collections.abc import Mapping
from typing import Any

from ccproxy_tui.config.edits import without_credentials
from ccproxy_tui.config.models import Provider, Settings
from ccproxy_tui.tui.fields.amount import amount, given
from ccproxy_tui.tui.fields.field import Field
from ccproxy_tui.tui.fields.fold import Fold
from ccproxy_tui.tui.fields.key_lines import KeyLines
from ccproxy_tui.tui.fields.text import TextLines

HTTP_PROXIES = "http_proxies"
PRICES = "prices"
_PRICES_LIKE = "qwen3-* 0.20 0.60 0.05"
_LIMITS = ("requests_per_minute", "concurrent_requests")
_TIMEOUTS = {
    "connect_timeout": ("Connect within", "Seconds until it must have accepted the connection."),
    "first_byte_timeout": ("First byte", "Seconds until it must have begun to answer."),
    "chunk_timeout": ("Silence", "Seconds that it may be silent within an answer."),
    "total_timeout": ("Whole answer", "Seconds until an answer must be complete."),
}
AMOUNTS = (*_LIMITS, *_TIMEOUTS)
"""The fields that hold a number, or nothing."""
WORDS = {
    **dict.fromkeys(_LIMITS, "a whole number from 1 on, or nothing, is needed"),
    **dict.fromkeys(_TIMEOUTS, "a number of seconds above 0, or nothing, is needed"),
}
_HIDDEN = "••••"
_PROXY_HINT = "http://user:password@host:3128, or env:NAME, then enter"


class ProviderLimits(Fold):
    """The fields, closed at first."""

    def __init__(self, provider: Provider | None, settings: Settings) -> None:
        self._http_proxies = KeyLines(
            () if provider is None else provider.http_proxies,
            placeholder=_PROXY_HINT,
            shown=without_credentials,
        )
        fields = [
            amount("requests_per_minute", "Requests/min", getattr(provider, "requests_per_minute", None),
                   "Of one API key. When it is reached, another candidate takes the call.",
                   none="no limit"),
            amount("concurrent_requests", "At once", getattr(provider, "concurrent_requests", None),
                   "Requests of one API key under way at once; a further one goes elsewhere.",
                   none="no limit"),
            *(
                amount(key, label, getattr(provider, key, None),
                       f"{words} Empty: as in the settings.",
                       none=f"{getattr(settings, key):g}, as in the settings")
                for key, (label, words) in _TIMEOUTS.items()
            ),
            Field(PRICES, "Prices",
                  TextLines("" if provider is None else "\n".join(map(str, provider.prices)),
                            rows=3, placeholder=_PRICES_LIKE),
                  "A model or pattern a line, then $ per million tokens: input, output, and where "
                  "they differ, cached input and what is written to the cache. They come before "
                  "the list prices, for calls from now on."),
            Field(HTTP_PROXIES, "HTTP proxies", self._http_proxies,
                  "By which it is reached: one for all API keys, or one for each, in their order. "
                  "They are masked, as they can hold a password."),
        ]  # fmt: skip
        super().__init__(
            "Limits, prices, HTTP proxies",
            "Space shows or hides fields that are seldom needed.",
            fields,
            self._say_what_is_set,
        )

    def _say_what_is_set(self) -> str:
        set_here = [field.label for field in self.fields if field.value]
        return ", ".join(set_here) if set_here else "none set"

    def note(self, api_keys: int) -> None:
        """Say how the HTTP proxies fall to so many API keys."""
        count = len(self._http_proxies.value)
        uneven = count > 1 and count != api_keys
        note = f"{count} for {api_keys} API keys: they are taken in turn" if uneven else ""
        self.fields[-1].show_note(note)


def limits(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the fields say, as a provider takes it."""
    return {**given(values, AMOUNTS), HTTP_PROXIES: values[HTTP_PROXIES]}
