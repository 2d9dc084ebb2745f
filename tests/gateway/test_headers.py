"""What a record says of headers and of a URL's query: never a credential, whatever its name."""

import pytest

from ccproxy_tui.gateway.headers import recorded, recorded_query

SECRET = [
    "Authorization",
    "X-Authorization",
    "authentication",
    "apikey",
    "X-ApiKey",
    "api_key",
    "ocp-apim-subscription-key",
    "token",
    "X-Amz-Security-Token",
    "x-goog-iam-authorization-token",
    "x-token-2",
    "X-Credentials",
    "X-Amz-Credential",
    "x-amz-signature",
    "client-secret-id",
    "x-auth",
    "cf-access-jwt-assertion",
    "password",
]
READABLE = [
    "x-ratelimit-remaining-tokens",
    "anthropic-ratelimit-tokens-reset",
    "x-claude-code-session-id",
    "www-authenticate",
    "anthropic-beta",
    "retry-after",
    "x-request-id",
]


@pytest.mark.parametrize("name", SECRET)
def test_a_credential_only_says_that_it_was_there(name: str) -> None:
    assert recorded([(name, "abc")]) == ((name, "•••"),)
    assert recorded_query({name: "abc", "beta": "true"}) == "?beta=true"


@pytest.mark.parametrize("name", READABLE)
def test_all_else_can_be_read(name: str) -> None:
    assert recorded([(name, "abc")]) == ((name, "abc"),)
    assert recorded_query({name: "abc"}) == f"?{name}=abc"
