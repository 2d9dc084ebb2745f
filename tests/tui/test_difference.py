"""Requests laid out for people, and what is different between two of them."""

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ccproxy_tui.inspection.difference import difference
from ccproxy_tui.inspection.json_text import sections


def lines(body: Any) -> list[str]:
    return [line for section in sections(body) for line in section.lines]


def shown(before: Any, after: Any) -> list[str]:
    return [f"{one.sign}{one.text}" for one in difference(sections(before), sections(after))]


def test_long_strings_have_their_own_lines_and_small_values_one() -> None:
    body = {
        "model": "m",
        "system": "You are terse.\nNever explain.\n",
        "stop": ["a", "b"],
        "messages": [{"role": "user", "content": [{"type": "text", "text": "x" * 73}]}],
        "tools": [],
        "metadata": {"user": "é", "deep": {"n": 1.5, "none": None, "yes": True}},
    }
    assert lines(body) == [
        '"model": "m"',
        '"system": """',
        "  You are terse.",
        "  Never explain.",
        "  ",
        '  """',
        '"stop": ["a", "b"]',
        '"messages": [',
        "  {",
        '    "role": "user"',
        '    "content": [',
        "      {",
        '        "type": "text"',
        '        "text": """',
        "          " + "x" * 73,
        '          """',
        "      }",
        "    ]",
        "  }",
        "]",
        '"tools": []',
        '"metadata": {',
        '  "user": "é"',
        '  "deep": {"n": 1.5, "none": null, "yes": true}',
        "}",
    ]


def test_sections_are_named_by_what_is_in_them() -> None:
    body = {
        "tools": [{"name": "Read", "d": {}}, {"type": "function", "function": {"name": "Grep"}}],
        "messages": [{"role": "user", "content": "hi"}],
        "contents": [{"parts": [{"text": "hi"}]}],
        "system": [{"type": "text", "text": "long\nenough"}],
    }
    names = {section.name for section in sections(body)}
    assert {"tools[0] Read", "tools[1] Grep", "messages[0] user", "system[0] text"} <= names
    assert "contents[0]" in names


def test_half_characters_can_be_drawn() -> None:
    assert lines({"a\ud800": "b\udc00\nc"}) == ['"a?": """', "  b?", "  c", '  """']


def test_a_diff_shows_what_was_added_and_removed_with_a_little_around_it() -> None:
    system = "\n".join(f"line {number}" for number in range(20))
    tools = [{"name": name, "about": f"long\n{name}"} for name in ("Read", "Web", "Grep")]
    before = {"model": "m", "system": system, "tools": tools, "temperature": 1}
    after = {
        "model": "m",
        "system": system.replace("line 3\n", "line three\n") + "\n\nAdded.",
        "tools": [tools[0], tools[2]],
        "temperature": 0.7,
    }
    assert shown(before, after) == [
        "@system",
        "   line 0",
        "   line 1",
        "   line 2",
        "-  line 3",
        "+  line three",
        "   line 4",
        "   line 5",
        "   line 6",
        "@system",
        "   line 17",
        "   line 18",
        "   line 19",
        "+  ",
        "+  Added.",
        '   """',
        ' "tools": [',
        "   {",
        "@tools[1] Web",
        "       Read",
        '       """',
        "   }",
        "-  {",
        '-    "name": "Web"',
        '-    "about": """',
        "-      long",
        "-      Web",
        '-      """',
        "-  }",
        "   {",
        '     "name": "Grep"',
        '     "about": """',
        "@temperature",
        '       """',
        "   }",
        " ]",
        '-"temperature": 1',
        '+"temperature": 0.7',
    ]


def test_what_is_the_same_has_no_difference() -> None:
    body = {"system": "a\nb", "messages": [{"role": "user"}]}
    assert shown(body, dict(body)) == []


def test_a_line_like_those_around_it_is_added_once() -> None:
    assert shown({"x": "a\na"}, {"x": "a\na\na"}) == [
        "@x",
        ' "x": """',
        "   a",
        "   a",
        "+  a",
        '   """',
    ]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("ab\n", max_size=12),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text("ab", max_size=2), inner),
    max_leaves=20,
)
BODIES = st.dictionaries(st.sampled_from(["system", "messages", "tools", "x"]), VALUES)


@given(BODIES, BODIES)
def test_a_diff_leads_from_one_to_the_other(before: Any, after: Any) -> None:
    found = difference(sections(before), sections(after))
    removed = Counter(one.text for one in found if one.sign == "-")
    added = Counter(one.text for one in found if one.sign == "+")
    assert Counter(lines(before)) - removed + added == Counter(lines(after))
    assert bool(removed or added) == (lines(before) != lines(after))
