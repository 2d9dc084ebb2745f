"""Quirks of models, as a user states them."""

import re
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccproxy_tui.config.profiles import (
    ModelProfile,
    profile_fields,
    read_profiles,
    write_profiles,
)
from ccproxy_tui.protocols.profiles import Profile, find_profile

TEXT = """
[[profiles]]
model = "Qwen3*"
images = false
efforts = ["low", "high"]
budgets = [0, 4096]
output_schema = "object"
fields = { options = { num_ctx = 65536, stop = ["a", { b = 1.5 }] } }

[[profiles]]
max_output_tokens = 8192
thinking_off = {}
"""


def without_none(hint: Any) -> Any:
    if get_origin(hint) in {Union, UnionType}:
        (only,) = [part for part in get_args(hint) if part is not NoneType]
        return only
    return hint


def test_the_fields_are_those_of_the_shipped_profiles() -> None:
    shipped = {name: without_none(hint) for name, hint in get_type_hints(Profile).items()}
    ours = {name: without_none(hint) for name, hint in get_type_hints(ModelProfile).items()}
    del shipped["protocol"]
    assert ours.pop("model") is str
    assert {name: ours[name] for name in ours if name in ModelProfile.model_fields} == shipped


def test_what_can_be_said_is_shown_whole_and_is_right() -> None:
    lines = profile_fields().splitlines()
    assert all(line.startswith("# ") and len(line) < 100 for line in lines)
    (all_said,) = read_profiles(
        "\n".join(["[[profiles]]", *(line[2:] for line in lines if " = " in line)])
    )
    assert all_said.model_fields_set == set(ModelProfile.model_fields)


def test_text_is_read_and_written() -> None:
    first, second = profiles = read_profiles(TEXT)
    assert first.entry == {
        "model": "Qwen3*",
        "images": False,
        "efforts": ["low", "high"],
        "budgets": [0, 4096],
        "output_schema": "object",
        "fields": {"options": {"num_ctx": 65536, "stop": ["a", {"b": 1.5}]}},
    }
    assert second.entry == {"model": "*", "max_output_tokens": 8192, "thinking_off": {}}
    assert read_profiles(write_profiles(profiles)) == profiles
    assert (read_profiles(""), write_profiles(())) == ((), "")


def test_what_is_said_comes_before_what_is_shipped() -> None:
    entries = tuple(profile.entry for profile in read_profiles(TEXT))
    profile = find_profile("openai", "https://x/v1", "qwen3-coder", entries)
    assert (profile.efforts, profile.budgets) == (("low", "high"), (0, 4096))
    assert (profile.max_output_tokens, profile.images) == (8192, False)
    other = find_profile("openai", "https://x/v1", "gpt-4o", entries)
    assert (other.max_output_tokens, other.images) == (8192, True)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("images = false", "line 1: [[profiles]] has to come first"),
        ("# x\n\n[profile]\nimages = false", "line 3: [[profiles]] has to come first"),
        ("[profiles]\nimages = false", "line 1: entries begin with [[profiles]]"),
        ("profiles = [1]", "line 1: entries begin with [[profiles]]"),
        ("[[profiles]]\nimages = yes", "line 2: invalid value"),
        ("[[profiles]]\nimages = true\nimages = true", "line 3: cannot overwrite a value"),
        ('[[profiles]]\nmodel = "', "line 2: "),
        ("[[profiles]]\nimages = 1", "line 2: images: must be true or false"),
        ("[[profiles]]\nmodel = 5", "line 2: model: must be text"),
        ('[[profiles]]\nmodel = " "', "line 2: model: a model's name is needed, or a pattern"),
        (
            '[[profiles]]\nmodel = "a"\n\n[[ profiles ]] # second\nmodel = "b"\n"imges" = true',
            "line 6: imges: there is no such field; is it images?",
        ),
        (
            "[[profiles]]\nimages = true\n[[profiles]]\n\nimages = 1",
            "line 5: images: must be true or false",
        ),
        ("[[profiles]]\nzzz = 1", "line 2: zzz: there is no such field; there are model, reas"),
        ("[[profiles]]\nmax_output_tokens = 8.5", "line 2: max_output_tokens: must be a whole"),
        ("[[profiles]]\nmax_output_tokens = 0", "line 2: max_output_tokens: Input should be gr"),
        ('[[profiles]]\nefforts = "low"', "line 2: efforts: must be a list"),
        ("[[profiles]]\nefforts = [\n1]", "line 2: efforts[0]: must be text"),
        (
            '[[profiles]]\ntool_choice = ["auto", "some"]',
            "line 2: tool_choice[1]: must be 'auto', ",
        ),
        ('[[profiles]]\noutput_schema = "x"', "line 2: output_schema: must be 'schema', 'object'"),
        ("[[profiles]]\nbudgets = [2, 1]", "line 2: budgets: the least comes first"),
        ("[[profiles]]\nbudgets = [1]", "line 2: budgets"),
        ("[[profiles]]\nthinking_on = true", "line 2: thinking_on: must be a table"),
        (
            "[[profiles]]\nimages = true\n[profiles.fields]\nday = 2026-01-01",
            'line 3: fields: "day" holds something that JSON cannot',
        ),
        ("[[profiles]]\nfields.x.y = [nan]", 'line 2: fields: "x" holds something that JSON'),
        (f"[[profiles]]\nfields.x = {2**70}", 'line 2: fields: "x" holds something that JSON'),
        ("[[profiles]]\nx = " + "9" * 5000, "not valid TOML"),
        ("[[profiles]]\nx = " + "[" * 5000, "not valid TOML"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(problem)}"):
        read_profiles(text)


WORDS = ("[[profiles]]", "[profiles]", "model", "images", "fields", "efforts", "true", '"x"', "nan")
PIECES = st.sampled_from([*WORDS, *'a1.=[]{},#"\n', "2026-01-01"])


@given(st.lists(PIECES, max_size=25).map("".join) | st.text())
def test_any_other_text_is_refused_in_words(text: str) -> None:
    try:
        profiles = read_profiles(text)
    except ValueError:
        return
    assert read_profiles(write_profiles(profiles)) == profiles


def test_quirks_are_told_in_short() -> None:
    profile = ModelProfile(model="m", images=False, fields={"a": 1, "b": {}}, efforts=("x" * 60,))
    assert str(profile).startswith("m images=false efforts=")
    assert str(profile).endswith("… fields={a, b}")
