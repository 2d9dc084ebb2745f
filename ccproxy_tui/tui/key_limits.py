"""What limits an access key, in words."""

from datetime import date, datetime

from ccproxy_tui.config.models import AccessKey
from ccproxy_tui.tui.quantities import count


def expired(key: AccessKey) -> bool:
    """Tell whether the last day of a key is over, by this machine's clock."""
    return key.expires is not None and key.expires < _today()


def limits_in_words(key: AccessKey) -> str:
    """Return what limits a key: `until 2027-01-31, 30/min, 2.0M tok/day, $5/day, only qwen`."""
    parts = []
    if key.expires is not None and not expired(key):
        parts.append(f"until {key.expires}")
    if key.requests_per_minute is not None:
        parts.append(f"{count(key.requests_per_minute)}/min")
    if key.tokens_per_day is not None:
        parts.append(f"{count(key.tokens_per_day)} tok/day")
    if key.money_per_day is not None:
        parts.append(f"${key.money_per_day:g}/day")
    if key.groups:
        parts.append(f"only {', '.join(key.groups)}")
    return ", ".join(parts)


def _today() -> date:
    return datetime.now().astimezone().date()
