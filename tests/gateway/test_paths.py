"""How a path is taken apart: group, tool compatibility mode, route and the route's parameters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccproxy_tui.gateway.paths import Place, find_place
from ccproxy_tui.protocols.base import Operation, ProtocolModule, Route
from ccproxy_tui.protocols.registry import PROTOCOLS


def names(place: Place) -> set[tuple[str, str, Operation]]:
    """Protocol, method and operation of each way."""
    return {(way.protocol.name, way.route.method, way.route.operation) for way in place.ways}


MESSAGES = {("claude", "POST", Operation.GENERATE)}


@pytest.mark.parametrize(
    ("path", "group", "compat"),
    [
        ("/v1/messages", "", False),
        ("/qwen/v1/messages", "qwen", False),
        ("/switch/v1/messages", "switch", False),
        ("/compat/v1/messages", "", True),
        ("/compat_mode/v1/messages", "", True),
        ("/qwen/compat/v1/messages", "qwen", True),
        ("/qwen/compat_mode/v1/messages", "qwen", True),
        ("/switch/compat/v1/messages", "switch", True),
        ("/switch/compat_mode/v1/messages", "switch", True),
        ("/v2/v1/messages", "v2", False),
        ("/Qwen 3/v1/messages", "Qwen 3", False),
        ("//v1/messages", "", False),
        ("/qwen//v1/messages", "qwen", False),
        ("///qwen///compat////v1//messages", "qwen", True),
    ],
)
def test_prefixes(path: str, group: str, compat: bool) -> None:
    place = find_place(path)
    assert (place.group, place.compat) == (group, compat)
    assert names(place) == MESSAGES


@pytest.mark.parametrize(
    "path",
    [
        "/a/b",
        "/v1/nothing",
        "/v1/messages/",
        "/v1/messages/more",
        "/v1/chat",
        "/a/b/v1/messages",
        "/a/b/compat/v1/messages",
        "/compat/a/v1/messages",
        "/compat/compat/v1/messages",
        "/a/compat/compat/v1/messages",
        "/V1/Messages",
        "/v1/models/",
        "/v1/models/two\nlines",
    ],
)
def test_unknown_paths(path: str) -> None:
    assert find_place(path) == Place()


@pytest.mark.parametrize(
    ("path", "group", "compat"),
    [
        ("/", "", False),
        ("", "", False),
        ("//", "", False),
        ("/qwen", "qwen", False),
        ("/qwen/", "qwen", False),
        ("/v1", "v1", False),
        ("/compat", "", True),
        ("/qwen/compat/", "qwen", True),
        ("/qwen/api/hello", "qwen", False),
    ],
)
def test_a_clients_greeting_has_a_place_under_every_prefix(
    path: str, group: str, compat: bool
) -> None:
    place = find_place(path)
    assert (place.group, place.compat) == (group, compat)
    assert ("claude", "GET", Operation.SAY_HELLO) in names(place)


def test_a_path_of_several_protocols_and_methods_has_all_its_ways() -> None:
    listing = {(name, "GET", Operation.LIST_MODELS) for name in ("claude", "gemini", "openai")}
    assert names(find_place("/v1/models")) == listing
    assert names(find_place("/qwen/v1/responses")) == {
        ("responses", "POST", Operation.GENERATE),
        ("responses", "GET", Operation.OPEN_SOCKET),
    }


@pytest.mark.parametrize("model", ["m", "org/model", "a/b/c:latest", "qwen3:32b", "v1/messages"])
def test_parameters_may_have_slashes_and_colons(model: str) -> None:
    place = find_place(f"/qwen/v1/models/{model}")
    assert place.group == "qwen"
    found = {way.protocol.name: way.parameters for way in place.ways if way.route.method == "GET"}
    assert found == {name: {"model": model} for name in ("claude", "gemini", "openai")}
    place = find_place(f"/qwen/v1beta/models/{model}:streamGenerateContent")
    (way,) = (way for way in place.ways if way.route.method == "POST")
    assert way.protocol.name == "gemini"
    assert way.route.operation is Operation.GENERATE
    assert way.parameters == {"model": model}


def test_the_shortest_prefix_counts() -> None:
    """What follows a known route's own beginning belongs to its parameter."""
    place = find_place("/v1/models/qwen/v1/models/x")
    assert place.group == ""
    assert {way.parameters["model"] for way in place.ways} == {"qwen/v1/models/x"}


ROUTES = [(module, route) for module in PROTOCOLS.values() for route in module.routes]
PART = st.text("abcxyzAZ019-_.:[]", min_size=1, max_size=6)
MODELS = st.lists(PART, min_size=1, max_size=3).map("/".join)


@given(
    st.sampled_from(ROUTES),
    MODELS,
    st.sampled_from(["", "qwen", "switch", "my-group_2"]),
    st.sampled_from(["", "compat", "compat_mode"]),
)
def test_every_route_is_found_under_every_prefix(
    known: tuple[ProtocolModule, Route], model: str, group: str, compat: str
) -> None:
    module, route = known
    parts = [part for part in (group, compat) if part]
    path = "".join(f"/{part}" for part in parts) + route.path.replace("{model}", model)
    place = find_place(path)
    assert (place.group, place.compat) == (group, bool(compat))
    parameters = {"model": model} if "{model}" in route.path else {}
    found = [(way.protocol, way.route, dict(way.parameters)) for way in place.ways]
    assert (module, route, parameters) in found
