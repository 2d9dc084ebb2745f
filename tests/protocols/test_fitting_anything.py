"""Whatever conversation is sent, and whatever its target takes: afterwards it fits."""

from copy import deepcopy

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ccproxy_tui.protocols.fitting import fit
from ccproxy_tui.protocols.hub import (
    Audio,
    Conversation,
    Document,
    Image,
    Opaque,
    RedactedThinking,
    Text,
    Thinking,
    ToolResult,
    ToolUse,
    Turn,
)
from ccproxy_tui.protocols.profiles import Profile
from tests.protocols.fits import (
    assert_calls_answered,
    assert_kinds,
    assert_nothing_blank,
    assert_nothing_lost,
    assert_order,
    call,
    model,
    result,
    system,
    user,
)

PICTURE = Image("image/png", "AAAA")
SOUND = Audio("audio/wav", "AAAA")
PROTOCOLS = st.sampled_from(["", "claude", "gemini", "responses"])
IDS = st.sampled_from(["1", "2", "1_2", "", "functions.Read:0", "x" * 40, "x" * 70])
LABEL = st.integers(0, 10**9).map(lambda number: f"label{number}.")
SAID = LABEL | LABEL.map(lambda label: f"  {label}\n") | st.sampled_from(["", " ", "\n\t"])
TEXTS = st.builds(Text, SAID | LABEL.map(lambda label: f"x-anthropic-billing-header: {label}"))
THOUGHTS = st.builds(Thinking, SAID, st.sampled_from(["", "sig"]), PROTOCOLS)
HIDDEN = st.builds(RedactedThinking, st.just("z"), PROTOCOLS)
ODD = st.builds(
    Opaque,
    st.sampled_from([{"type": "x"}, {}, {"type": "y", "text": "z" * 25_000}]),
    PROTOCOLS,
)
DOCUMENTS = st.builds(
    Document,
    data=st.sampled_from(["", "AAAA"]),
    url=st.sampled_from(["", "https://x/d"]),
    text=SAID,
    title=st.sampled_from(["", "T"]),
)
PICTURES = st.sampled_from([PICTURE, Image(url="https://x/i"), SOUND])
MEDIA = PICTURES | DOCUMENTS
RESULTS = st.builds(ToolResult, IDS, st.lists(TEXTS | MEDIA | ODD, max_size=3), st.booleans())
CALLS = st.builds(ToolUse, IDS, st.just("A"), st.sampled_from([{}, {"x": 1}, "{bad", None]))
TURNS = (
    st.builds(Turn, st.just("user"), st.lists(TEXTS | MEDIA | ODD | RESULTS, max_size=4))
    | st.builds(
        Turn,
        st.just("assistant"),
        st.lists(TEXTS | THOUGHTS | HIDDEN | ODD | PICTURES | CALLS | CALLS, max_size=4),
    )
    | st.builds(Turn, st.just("system"), st.lists(TEXTS, max_size=2))
)
ANY_BLOCK = TEXTS | THOUGHTS | HIDDEN | ODD | MEDIA | CALLS | RESULTS
ANY_TURNS = st.builds(
    Turn,
    st.sampled_from(["user", "assistant", "system"]),
    st.lists(
        ANY_BLOCK | st.builds(ToolResult, IDS, st.lists(ANY_BLOCK, max_size=2), st.booleans()),
        max_size=4,
    ),
)
PROFILES = st.builds(
    Profile,
    protocol=PROTOCOLS,
    system_in_turns=st.booleans(),
    user_first=st.booleans(),
    tools=st.booleans(),
    images=st.booleans(),
    tool_images=st.booleans(),
    documents=st.booleans(),
    audio=st.booleans(),
)
TWICE = [model(call("1"), call("1")), user(result("1", "label1."), result("1", "label2."))]
LATE = [model(call("1")), model("label1."), user(result("1", "label2."))]


@settings(max_examples=500, deadline=None)
@given(st.lists(TURNS, max_size=7).map(deepcopy), PROFILES)
@example(TWICE, Profile())
@example([*TWICE, *TWICE], Profile())
@example(LATE, Profile())
@example([system("label1."), model("label2.")], Profile(user_first=True, system_in_turns=True))
@example([user(Document(text=" "))], Profile())
@example([user(Document(text=" "))], Profile(documents=True))
def test_whatever_was_sent_the_target_can_take_it(turns: list[Turn], profile: Profile) -> None:
    before = deepcopy(turns)
    conversation = Conversation("m", turns=deepcopy(turns))
    fit(conversation, profile)
    after = conversation.turns
    assert_order(after, profile)
    assert_calls_answered(after)
    assert_nothing_blank(after)
    assert_kinds(after, profile)
    assert_nothing_lost(before, after)
    again = Conversation("m", turns=deepcopy(after))
    fit(again, profile)
    assert (again.turns, again.notes) == (after, []), "what fits is changed once more"


@settings(max_examples=300, deadline=None)
@given(st.lists(ANY_TURNS, max_size=6).map(deepcopy), PROFILES)
def test_whatever_stands_wherever_the_target_can_take_it(
    turns: list[Turn], profile: Profile
) -> None:
    """As before, but with blocks where no client in its right mind puts them."""
    conversation = Conversation("m", turns=deepcopy(turns))
    fit(conversation, profile)
    assert_order(conversation.turns, profile)
    assert_calls_answered(conversation.turns)
    assert_nothing_blank(conversation.turns)
    assert_kinds(conversation.turns, profile)
