"""The profile of a candidate's model: the provider's own entries come before those shipped."""

from ccproxy_tui.config.snapshot import Candidate
from ccproxy_tui.protocols.profiles import Profile, find_profile


def profile_of(candidate: Candidate) -> Profile:
    """Give what is known of the model that a candidate stands for."""
    provider = candidate.provider
    entries = provider.profile_entries
    return find_profile(provider.protocol, provider.base_url, candidate.model, entries)
