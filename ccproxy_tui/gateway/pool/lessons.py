"""What models were found not to do: an upstream said so once, and is not asked for it for a while.

A lesson does not last for ever: models learn, and a single client may have asked in a wrong way.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ccproxy_tui.config.snapshot import Candidate
from ccproxy_tui.protocols.base import Failure
from ccproxy_tui.protocols.lacks import Lack, read_lack
from ccproxy_tui.protocols.profiles import Profile, find_profile

LASTS = 24 * 3600.0
"""Seconds after which a lesson is forgotten."""

Place = tuple[str, str]
"""Provider and model."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a model cannot do, and when that was learned, in seconds since the epoch."""

    lack: Lack
    learned_at: float


class Lessons:
    """By provider and model; each lesson is an entry that comes before the profile's others."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self.learned: dict[Place, tuple[Lesson, ...]] = {}
        """The latest one first."""

    def profile_of(self, candidate: Candidate) -> Profile:
        """Give what is known of a candidate's model: lessons, its provider's entries, those shipped."""
        provider = candidate.provider
        entries = self._entries(candidate) + provider.profile_entries
        return find_profile(provider.protocol, provider.base_url, candidate.model, entries)

    def learn(self, candidate: Candidate, failure: Failure) -> Lack | None:
        """Take a lesson from an error; None when it holds none that would make a difference."""
        lack = read_lack(failure, self.profile_of(candidate))
        if lack is not None:
            lesson = Lesson(lack, self._clock())
            self.learned[_place(candidate)] = (lesson, *self._fresh(candidate))
        return lack

    def unlearn(self, candidate: Candidate) -> None:
        """Forget the latest lesson, which did not help."""
        place = _place(candidate)
        self.learned[place] = self.learned.get(place, ())[1:]

    def convert(self, candidate: Candidate) -> bool:
        """Tell whether even a client of the same protocol has to be converted for this model.

        Fields can be left out of its own JSON, but nothing else.
        """
        return any("drop" not in entry for entry in self._entries(candidate))

    def words(self, candidate: Candidate) -> tuple[str, ...]:
        """Say what was learned of a candidate's model."""
        return tuple(lesson.lack.words for lesson in self._fresh(candidate))

    def forget(self, provider: str, model: str) -> None:
        """Forget what was learned of a model."""
        self.learned.pop((provider, model), None)

    def _entries(self, candidate: Candidate) -> tuple[Mapping[str, Any], ...]:
        return tuple(lesson.lack.entry for lesson in self._fresh(candidate))

    def _fresh(self, candidate: Candidate) -> tuple[Lesson, ...]:
        learned = self.learned.get(_place(candidate))
        if not learned:
            return ()
        oldest = self._clock() - LASTS
        return tuple(lesson for lesson in learned if lesson.learned_at > oldest)


def _place(candidate: Candidate) -> Place:
    return candidate.provider.name, candidate.model
