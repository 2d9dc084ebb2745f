"""Schemas of tools, written for each dialect."""

from copy import deepcopy
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccproxy_tui.protocols.profiles import Profile, find_profile
from ccproxy_tui.protocols.schema import (
    CLAUDE,
    GEMINI,
    OLLAMA,
    OPENAI,
    OPENAI_STRICT,
    Dialect,
    clean_schema,
    strict_schema,
    tool_schema,
)
from ccproxy_tui.protocols.tool_names import ToolNames

ALL: Final = (OPENAI, CLAUDE, OPENAI_STRICT, GEMINI, OLLAMA)
Json = Any


def of_object(**properties: Json) -> dict[str, Json]:
    return {"type": "object", "properties": properties}


def words(text: str) -> list[str]:
    return text.split()


# --- OpenAI, which takes nearly everything ---


def test_what_is_refused_goes_and_what_only_looks_like_it_stays() -> None:
    """Failure 27: a property may be called as a keyword is."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "$schema": {"type": "string", "$comment": "goes"},
            "type": {"$schema": "goes", "enum": ["$schema"]},
            "list": {"type": "array", "items": {"$id": "goes", "type": "string"}},
            "either": {"anyOf": [{"$schema": "goes", "type": "null"}, {"type": "string"}]},
        },
        "required": ["$schema"],
        "additionalProperties": False,
        "propertyNames": {"pattern": "a"},
    }
    before = deepcopy(schema)
    assert clean_schema(schema) == {
        "type": "object",
        "properties": {
            "$schema": {"type": "string"},
            "type": {"enum": ["$schema"]},
            "list": {"type": "array", "items": {"type": "string"}},
            "either": {"anyOf": [{"type": "null"}, {"type": "string"}]},
        },
        "required": ["$schema"],
        "additionalProperties": False,
        "propertyNames": {"pattern": "a"},
    }
    assert schema == before


@pytest.mark.parametrize(
    ("schema", "clean"),
    [
        ({"type": None}, {}),
        ({"type": "any", "description": "d"}, {"description": "d"}),
        ({"type": "STRING"}, {"type": "string"}),
        ({"type": "float"}, {"type": "number"}),
        ({"type": None, "anyOf": [{"type": "string"}]}, {"anyOf": [{"type": "string"}]}),
        ({"properties": {}}, {"type": "object", "properties": {}}),
        ({"type": None, "items": {}}, {"type": "array", "items": {}}),
        ({"type": ["string", None, "null"]}, {"type": ["string", "null"]}),
        ({"type": [], "pattern": "a"}, {"type": "string", "pattern": "a"}),
        ({"description": "anything"}, {"description": "anything"}),
        ({"type": "object", "required": None}, {"type": "object"}),
        ({"type": "string", "required": True}, {"type": "string"}),
        ({"type": "string", "description": None}, {"type": "string"}),
        ({"type": "string", "minLength": "3", "enum": []}, {"type": "string", "minLength": 3}),
        (
            {"type": "string", "enum": ["a"], "nullable": True},
            {"type": ["string", "null"], "enum": ["a", None]},
        ),
        ({"type": "string", "minLength": -1, "maxLength": 2**70}, {"type": "string"}),
        ({"type": "array"}, {"type": "array", "items": {}}),
        (
            {"type": "array", "items": [{"type": "string"}, {"type": "null"}]},
            {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
        ),
        (
            {"type": "number", "minimum": 1, "exclusiveMinimum": True},
            {"type": "number", "exclusiveMinimum": 1},
        ),
        (of_object(a=True, b=None), of_object(a={}, b={})),
    ],
)
def test_what_is_broken_is_mended(schema: Json, clean: Json) -> None:
    assert clean_schema(schema) == clean


@pytest.mark.parametrize("schema", [{}, {"type": None}, {"type": "string"}, {"properties": None}])
def test_a_tool_always_takes_an_object(schema: Json) -> None:
    for dialect in (OPENAI, CLAUDE, GEMINI, OLLAMA):
        assert tool_schema(schema, dialect) == {"type": "object", "properties": {}}
    assert strict_schema(schema) == {
        "type": "object",
        "properties": {},
        "required": [],
        "additionalProperties": False,
    }


@pytest.mark.parametrize("dialect", ALL)
def test_a_union_at_the_top_becomes_one_object(dialect: Dialect) -> None:
    """OpenAI and Anthropic refuse `anyOf`, `oneOf`, `allOf` and `enum` at the top."""
    schema = {
        "$defs": {"Move": of_object(kind={"const": "move"}, to={"type": "string"})},
        "allOf": [of_object(id={"type": "integer"}) | {"required": ["id"]}],
        "oneOf": [
            {"$ref": "#/$defs/Move", "required": ["kind", "to"]},
            of_object(kind={"const": "stop"}) | {"required": ["kind"]},
            {"type": "null"},
        ],
        "enum": [{}],
        "required": [],
    }
    clean = tool_schema(schema, dialect)
    assert clean.keys() <= {"type", "properties", "required", "additionalProperties"}
    assert clean["type"] == "object"
    assert list(clean["properties"]) == ["id", "kind", "to"]
    if dialect is not OPENAI_STRICT:
        assert clean["required"] == ["id", "kind"]


@pytest.mark.parametrize("dialect", ALL)
def test_references_are_inlined(dialect: Dialect) -> None:
    schema = of_object(
        one={"$ref": "#/$defs/Text~1%41"},
        two={"description": "own", "$ref": "#/properties/one"},
        three={"$ref": "https://me#/definitions/old"},
        four={"$ref": "#/properties/five/0/anyOf/1"},
    ) | {
        "$id": "https://me",
        "$defs": {"Text/A": {"type": "string", "description": "given"}},
        "definitions": {"old": {"type": "integer"}},
    }
    properties = clean_schema(schema | {"required": ["one", "two", "three", "four"]}, dialect)
    assert "$defs" not in properties
    assert "definitions" not in properties
    assert properties["properties"] == {
        "one": {"type": "string", "description": "given"},
        "two": {"type": "string", "description": "own"},
        "three": {"type": "integer"},
        "four": clean_schema({"anyOf": [{}]} if dialect is GEMINI else {}, dialect),
    }


TREE: Final = of_object(next={"$ref": "#/$defs/Tree"}) | {
    "$defs": {
        "Tree": of_object(value={"type": "string"}, children={"$ref": "#/$defs/Trees"})
        | {"required": ["value", "children"], "additionalProperties": False},
        "Trees": {"type": "array", "items": {"$ref": "#/$defs/Tree"}},
    },
    "required": ["next"],
}


@pytest.mark.parametrize("dialect", [OPENAI, OPENAI_STRICT])
def test_a_recursive_reference_stays_where_it_is_understood(dialect: Dialect) -> None:
    clean = tool_schema(TREE, dialect)
    level = clean["properties"]["next"]["properties"]["children"]["items"]
    assert level == {"$ref": "#/$defs/Tree"}
    inner = clean["$defs"]["Tree"]["properties"]["children"]
    assert inner == {"type": "array", "items": {"$ref": "#/$defs/Tree"}}
    assert list(clean["$defs"]) == ["Tree"]
    assert strict_schema(TREE) is not None


def test_recursive_definitions_are_kept_apart() -> None:
    either = of_object(
        new={"$ref": "#/$defs/a"}, old={"$ref": "#/definitions/a"}, top={"$ref": "#"}
    )
    schema = either | {
        "$defs": {"a": of_object(x={"$ref": "#/$defs/a"})},
        "definitions": {"a": of_object(y={"$ref": "#/definitions/a"})},
    }
    definitions = tool_schema(schema)["$defs"]
    assert definitions["a"] == of_object(x={"$ref": "#/$defs/a"})
    assert definitions["a_"] == of_object(y={"$ref": "#/$defs/a_"})
    assert definitions["root"]["properties"]["top"] == {"$ref": "#/$defs/root"}
    strict = strict_schema(schema)
    assert strict is not None
    null = {"type": "null"}
    assert strict["$defs"]["a"]["properties"]["x"] == {"anyOf": [{"$ref": "#/$defs/a"}, null]}


@pytest.mark.parametrize("dialect", [GEMINI, OLLAMA])
def test_a_recursive_reference_ends_in_an_open_object(dialect: Dialect) -> None:
    level = tool_schema(TREE, dialect)["properties"]["next"]
    levels = 0
    while "properties" in level:
        levels += 1
        level = level["properties"]["children"]["items"]
    assert (levels, level) == (3, {"type": "object"})


@pytest.mark.parametrize("dialect", ALL)
def test_references_end_somewhere(dialect: Dialect) -> None:
    """Loops, and definitions that multiply each other."""
    loop = {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}
    tool_schema(loop, dialect)
    clean_schema(loop, dialect)
    clean_schema({"$ref": "#"}, dialect)
    clean_schema({"allOf": [{"$ref": "#"}, {"$ref": "#"}]}, dialect)
    clean_schema({"anyOf": [{"$ref": "#"}, {"$ref": "#"}], "properties": {}}, dialect)
    bomb = {
        f"d{level}": of_object(**{name: {"$ref": f"#/$defs/d{level + 1}"} for name in "abcdefgh"})
        for level in range(20)
    }
    clean = tool_schema(of_object(x={"$ref": "#/$defs/d0"}) | {"$defs": bomb}, dialect)
    assert len(str(clean)) < 1_000_000
    for name, definition in clean.get("$defs", {}).items():
        assert definition != {"$ref": f"#/$defs/{name}"}


# --- Gemini ---


GEMINI_CASES: Final[list[tuple[Json, Json]]] = [
    ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
    (
        {"anyOf": [{"type": "integer"}, {"type": "null"}], "description": "d", "default": None},
        {"type": "integer", "description": "d", "default": None, "nullable": True},
    ),
    (
        {"type": ["string", "integer"], "description": "d", "minimum": 1, "minLength": 2},
        {
            "anyOf": [
                {"type": "string", "description": "d", "minLength": 2},
                {"type": "integer", "description": "d", "minimum": 1},
            ]
        },
    ),
    (
        {"oneOf": [{"type": "string"}, of_object(a={"type": "string"}), {"const": None}]},
        {
            "anyOf": [
                {"type": "string", "nullable": True},
                of_object(a={"type": "string"}) | {"nullable": True},
            ]
        },
    ),
    ({"const": "a"}, {"type": "string", "enum": ["a"]}),
    ({"const": 5}, {"type": "integer", "description": "(one of: 5)"}),
    (
        {"type": "integer", "enum": [1, 2], "description": "d"},
        {"type": "integer", "description": "d (one of: 1, 2)"},
    ),
    ({"enum": ["a", "b", None]}, {"type": "string", "enum": ["a", "b"], "nullable": True}),
    ({"type": ["string", "integer"], "enum": ["a"]}, {"type": "string", "enum": ["a"]}),
    ({"enum": ["", "a"]}, {"type": "string", "description": '(one of: "", "a")'}),
    (
        {"enum": ["a", 1]},
        {
            "anyOf": [
                {"type": "string", "enum": ["a"]},
                {"type": "integer", "description": "(one of: 1)"},
            ]
        },
    ),
    (
        {"anyOf": [{"const": "a"}, {"const": "b", "title": "B"}], "description": "d"},
        {"type": "string", "enum": ["a", "b"], "description": "d"},
    ),
    ({"type": "integer", "exclusiveMinimum": 0}, {"type": "integer", "minimum": 1}),
    ({"type": "integer", "exclusiveMaximum": 2.5}, {"type": "integer", "maximum": 2}),
    (
        {"type": "number", "exclusiveMinimum": 0, "minimum": 3},
        {"type": "number", "minimum": 3},
    ),
    (
        {"type": "integer", "minimum": 3, "exclusiveMinimum": True},
        {"type": "integer", "minimum": 4},
    ),
    ({"type": "string", "format": "date-time"}, {"type": "string", "format": "date-time"}),
    ({"type": "string", "format": "uri"}, {"type": "string", "description": "(format: uri)"}),
    ({"type": "integer", "format": "uint8"}, {"type": "integer"}),
    ({"type": "string", "examples": ["a", "b"]}, {"type": "string", "example": "a"}),
    (
        {"type": "array", "prefixItems": [{"type": "string"}, {"type": "boolean"}], "items": False},
        {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "boolean"}]}},
    ),
    (
        {"type": "array"},
        {
            "type": "array",
            "items": {
                "anyOf": [
                    {"type": "string"},
                    {"type": "number"},
                    {"type": "boolean"},
                    {"type": "object"},
                ]
            },
        },
    ),
    ({"properties": {"a": {"type": "string"}}}, of_object(a={"type": "string"})),
    (of_object(), {"type": "object"}),
    ({"type": "object", "required": ["a"]}, {"type": "object"}),
    (
        of_object(a={"type": "string"}) | {"required": ["a", "b", "a", 1]},
        of_object(a={"type": "string"}) | {"required": ["a"]},
    ),
    (
        {
            "description": "outer",
            "allOf": [
                of_object(a={"type": "string"}) | {"required": ["a"], "description": "inner"},
                of_object(a={"minLength": 2}, b={"type": ["integer", "number"]}),
            ],
        },
        of_object(
            a={"type": "string", "minLength": 2},
            b={"anyOf": [{"type": "integer"}, {"type": "number"}]},
        )
        | {"required": ["a"], "description": "outer"},
    ),
    (
        {"allOf": [{"type": "number", "minimum": 1}, {"type": "integer", "minimum": 2}]},
        {"type": "integer", "minimum": 2},
    ),
    (
        of_object(a={"type": "string"}) | {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
        of_object(a={"type": "string"}),
    ),
]


@pytest.mark.parametrize(("schema", "clean"), GEMINI_CASES)
def test_gemini_rewrites(schema: Json, clean: Json) -> None:
    assert clean_schema(schema, GEMINI) == clean


def test_gemini_gives_anything_a_type() -> None:
    clean = clean_schema({"description": "d"}, GEMINI)
    assert {branch["type"] for branch in clean["anyOf"]} == {
        "string",
        "number",
        "boolean",
        "object",
        "array",
    }
    assert all(branch["description"] == "d" for branch in clean["anyOf"])


# --- Ollama ---


@pytest.mark.parametrize(
    ("schema", "clean"),
    [
        (
            {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None, "title": "T"},
            {"type": ["string", "null"]},
        ),
        ({"anyOf": [{"type": "string"}, {"type": "number"}]}, {"type": ["string", "number"]}),
        (
            {"type": "integer", "default": 5, "description": "d", "format": "int32"},
            {"type": "integer", "description": "d (default: 5)"},
        ),
        ({"const": 5}, {"type": "integer", "enum": [5]}),
        ({"type": "integer", "enum": [2.0, 2.5, "2"]}, {"type": "integer", "enum": [2.0]}),
        (
            {"oneOf": [{"type": "string"}, of_object(a={"type": "string"}), {"const": None}]},
            {
                "anyOf": [
                    {"type": "string"},
                    of_object(a={"type": "string"}),
                    {"type": "null"},
                ]
            },
        ),
        (of_object(a=True), of_object(a={})),
        ({"description": 5, "type": "string", "x": 1}, {"type": "string"}),
    ],
)
def test_ollama_rewrites(schema: Json, clean: Json) -> None:
    assert clean_schema(schema, OLLAMA) == clean


# --- OpenAI's strict ---


def test_strict_closes_every_object() -> None:
    schema = of_object(
        a={"type": "string", "format": "uri", "default": "x", "minLength": 1},
        b={"type": "array", "items": of_object(c={"enum": [1, 2]})},
        d={"oneOf": [{"type": "string"}, of_object(e={"type": "null"}), {"type": "null"}]},
        f={"oneOf": [{"type": "string"}, of_object(e={"type": "null"})]},
    ) | {"required": ["a"]}
    closed = {"additionalProperties": False}
    either = {
        "anyOf": [
            {"type": "string"},
            closed | of_object(e={"type": "null"}) | {"required": ["e"]},
            {"type": "null"},
        ]
    }
    assert strict_schema(schema) == closed | of_object(
        a={"type": "string", "description": '(format: uri) (default: "x")'},
        b={
            "type": ["array", "null"],
            "items": closed
            | of_object(c={"type": ["integer", "null"], "enum": [1, 2, None]})
            | {"required": ["c"]},
        },
        d=either,
        f=either,
    ) | {"required": ["a", "b", "d", "f"]}


@pytest.mark.parametrize(
    "free",
    [
        {},
        {"type": "object"},
        {"type": "object", "additionalProperties": {"type": "string"}},
        of_object(b={"type": "string"}) | {"additionalProperties": True},
        of_object(b={"type": "string"}) | {"patternProperties": {"x": {}}},
        {"type": "array"},
    ],
)
def test_strict_says_what_it_cannot_close(free: Json) -> None:
    assert strict_schema(of_object(a=free)) is None
    assert strict_schema(of_object(a={"type": "array", "items": free})) is None


def test_what_is_strict_stays_as_it_is() -> None:
    schema = of_object(a={"type": ["string", "null"], "description": "d"}) | {
        "required": ["a"],
        "additionalProperties": False,
    }
    assert strict_schema(schema) == schema


# --- all dialects ---


@pytest.mark.parametrize("dialect", ALL)
def test_a_property_may_be_called_as_a_keyword_is(dialect: Dialect) -> None:
    """Failure 27."""
    names = words(
        "$schema $ref $defs $id type properties required const enum items anyOf oneOf allOf not"
        " nullable description default format additionalProperties exclusiveMinimum examples"
    )
    clean = tool_schema(of_object(**{name: {"type": "string"} for name in names}), dialect)
    assert list(clean["properties"]) == names
    texts = ({"type": "string"}, {"type": ["string", "null"]})
    assert all(inner in texts for inner in clean["properties"].values())


KEYWORDS: Final = words(
    "type properties required items prefixItems additionalItems additionalProperties enum const"
    " anyOf oneOf allOf not if then else $ref $defs definitions $schema $id nullable title"
    " description default format pattern minimum maximum exclusiveMinimum exclusiveMaximum"
    " multipleOf minLength maxLength minItems maxItems uniqueItems contains minProperties"
    " maxProperties propertyNames patternProperties propertyOrdering example examples x-other"
)
JUNK: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 5)
    | st.just(10**400)
    | st.floats()
    | st.sampled_from(["", "string", "object", "array", "null", "OBJECT", "#", "#/$defs/a", "a"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*KEYWORDS, "a"]), inner, max_size=6)
    ),
    max_leaves=25,
)
TAKEN: Final = {
    GEMINI: set(
        words(
            "type format title description nullable enum maxItems minItems properties required"
            " minProperties maxProperties minLength maxLength pattern example anyOf"
            " propertyOrdering default items minimum maximum"
        )
    ),
    OLLAMA: set(words("type description enum items properties required anyOf")),
    OPENAI_STRICT: set(
        words(
            "type title description enum anyOf $ref $defs properties required additionalProperties"
            " items minItems maxItems pattern format multipleOf minimum maximum exclusiveMinimum"
            " exclusiveMaximum"
        )
    ),
}


def check_written(schema: Json, dialect: Dialect) -> None:
    """Check that a written schema has only taken keywords, with values of the right kind."""
    assert isinstance(schema, dict)
    if dialect in TAKEN:
        assert schema.keys() <= TAKEN[dialect]
    if dialect is GEMINI:
        assert ("type" in schema) != ("anyOf" in schema)
        assert "anyOf" not in schema or len(schema) == 1
        assert isinstance(schema.get("type", ""), str)
        assert all(isinstance(value, str) and value for value in schema.get("enum", ["-"]))
        assert "enum" not in schema or schema["type"] == "string"
        assert set(schema.get("required", ())) <= schema.get("properties", {}).keys()
    for name in ("properties", "$defs"):
        for inner in schema.get(name, {}).values():
            check_written(inner, dialect)
    for inner in schema.get("anyOf", ()):
        check_written(inner, dialect)
    if "items" in schema:
        check_written(schema["items"], dialect)


@given(JUNK)
def test_no_schema_is_too_broken(junk: Json) -> None:
    before = deepcopy(junk)
    for dialect in ALL:
        check_written(tool_schema(junk, dialect), dialect)
        check_written(clean_schema(junk, dialect), dialect)
    strict_schema(junk)
    assert str(junk) == str(before)


@given(
    st.dictionaries(st.sampled_from(KEYWORDS), JUNK, max_size=4),
    st.dictionaries(st.sampled_from([*KEYWORDS, "a", "-A", "ä b"]), JUNK, max_size=4),
)
def test_names_of_properties_survive(junk: Json, properties: Json) -> None:
    junk = {key: value for key, value in junk.items() if key not in {"$ref", "allOf"}}
    for dialect in ALL:
        clean = tool_schema(junk | {"type": "object", "properties": properties}, dialect)
        assert clean["properties"].keys() >= properties.keys()


def test_depth_is_no_trouble() -> None:
    deep: Json = {"type": "string"}
    for keyword in ("items", "allOf", "anyOf", "oneOf", "not"):
        for _ in range(900):
            deep = {keyword: deep} if keyword in {"items", "not"} else {keyword: [deep, {}]}
    for dialect in ALL:
        tool_schema(deep, dialect)
        clean_schema({"type": "array", "items": deep}, dialect)


# --- what fits the schema given fits the one written ---


def accepts(schema: Json, value: Json) -> bool:
    """Whether a value fits a schema of Gemini's or Ollama's dialect."""
    if value is None and schema.get("nullable"):
        return True
    if "anyOf" in schema and not any(accepts(one, value) for one in schema["anyOf"]):
        return False
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_is_of_type(value, kind) for kind in kinds):
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        return all(name in value for name in schema.get("required", ())) and all(
            accepts(properties[name], inner) for name, inner in value.items() if name in properties
        )
    if isinstance(value, list):
        return all(accepts(schema.get("items", {}), inner) for inner in value)
    if isinstance(value, str):
        return bool(schema.get("minLength", 0) <= len(value))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))
    return True


def _is_of_type(value: Json, kind: str) -> bool:
    kinds: dict[str, tuple[type, ...]] = {
        "string": (str,),
        "boolean": (bool,),
        "object": (dict,),
        "array": (list,),
        "null": (type(None),),
        "integer": (int,),
        "number": (int, float),
    }
    return isinstance(value, kinds[kind]) and (kind == "boolean" or not isinstance(value, bool))


Pair = tuple[Json, Json]
"""A schema and a value that fits it."""


@st.composite
def scalars(draw: st.DrawFn) -> Pair:
    value = draw(st.integers(-3, 3) | st.text("ab", max_size=3) | st.booleans() | st.none())
    kind = {int: "integer", str: "string", bool: "boolean", type(None): "null"}[type(value)]
    other = draw(st.sampled_from(["string", "integer", "array", "object", "null"]))
    choices: list[Json] = [
        {"type": kind},
        {"type": [other, kind]},
        {"const": value},
        {"enum": [value, "z", 9, None]},
        {"type": kind, "enum": [value]},
        {"type": kind, "nullable": True},
        {"anyOf": [{"const": "z"}, {"const": value}]},
    ]
    if value is not None:  # which "anything" does not mean in words of Gemini's
        choices += [{}, {"not": {"const": "z"}}]
    if isinstance(value, int) and not isinstance(value, bool):
        choices += [
            {"type": "integer", "exclusiveMinimum": value - 1, "exclusiveMaximum": value + 0.5},
            {"type": "number", "exclusiveMinimum": value - 1, "minimum": value},
            {"type": "integer", "minimum": value - 1, "exclusiveMinimum": True},
        ]
    if isinstance(value, str):
        choices.append({"type": "string", "minLength": len(value), "format": "uri"})
    return draw(st.sampled_from(choices)), value


def wrapped(inner: st.SearchStrategy[Pair]) -> st.SearchStrategy[Pair]:
    return st.one_of(_objects(inner), _arrays(inner), _unions(inner), _parts(inner))


@st.composite
def _objects(draw: st.DrawFn, inner: st.SearchStrategy[Pair]) -> Pair:
    pairs = draw(st.dictionaries(st.sampled_from(["a", "type", "$ref", "enum"]), inner, max_size=3))
    schema = of_object(**{name: pair[0] for name, pair in pairs.items()})
    given_names = draw(st.sets(st.sampled_from(list(pairs)))) if pairs else set()
    schema["required"] = sorted(given_names)
    value = {name: pair[1] for name, pair in pairs.items() if name in given_names}
    if draw(st.booleans()):
        schema["anyOf"] = [{"required": ["q"]}, {"required": sorted(given_names)}]
    return schema, value


@st.composite
def _arrays(draw: st.DrawFn, inner: st.SearchStrategy[Pair]) -> Pair:
    pairs = draw(st.lists(inner, min_size=1, max_size=2))
    schemas, values = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    keyword = draw(st.sampled_from(["items", "prefixItems"]))
    return {"type": "array", keyword: schemas}, values


@st.composite
def _unions(draw: st.DrawFn, inner: st.SearchStrategy[Pair]) -> Pair:
    pairs = draw(st.lists(inner, min_size=1, max_size=3))
    keyword = draw(st.sampled_from(["anyOf", "oneOf"]))
    return {keyword: [pair[0] for pair in pairs], "description": "d"}, pairs[0][1]


@st.composite
def _parts(draw: st.DrawFn, inner: st.SearchStrategy[Pair]) -> Pair:
    schema, value = draw(inner)
    return {"allOf": [schema, {"description": "d"}], "title": "t"}, value


@given(st.recursive(scalars(), wrapped, max_leaves=8), st.booleans())
def test_what_fits_before_fits_after(pair: Pair, referred: bool) -> None:
    schema, value = pair
    if referred:
        schema = {"$ref": "#/$defs/x", "$defs": {"x": schema}}
    for dialect in (GEMINI, OLLAMA):
        clean = clean_schema(schema, dialect)
        check_written(clean, dialect)
        assert accepts(clean, value), clean


@pytest.mark.parametrize("dialect", ALL)
def test_what_was_written_is_not_the_callers(dialect: Dialect) -> None:
    text = {"type": "string"}
    assert clean_schema(text, dialect) is not text
    schema = of_object(a={"type": "string", "enum": ["x"]})
    first = tool_schema(schema, dialect)
    schema["properties"]["a"]["enum"].append("y")
    second = tool_schema(schema, dialect)
    assert first["properties"]["a"]["enum"][:2] != second["properties"]["a"]["enum"][:2]
    first["extra"] = True
    assert "extra" not in tool_schema(of_object(a={"type": "string", "enum": ["x"]}), dialect)


# --- names and profiles ---


def test_names_that_fit_are_kept() -> None:
    names = ToolNames()
    assert names.wire("mcp__server__tool-1") == "mcp__server__tool-1"
    assert names.original("mcp__server__tool-1") == "mcp__server__tool-1"


@pytest.mark.parametrize("name", ["a.b", "ä", "x" * 65, "mcp__" + "y" * 200 + ".z", ""])
def test_other_names_are_changed_stably_and_restored(name: str) -> None:
    names = ToolNames()
    wire = names.wire(name)
    assert wire == ToolNames().wire(name)
    assert 0 < len(wire) <= 64
    assert wire.replace("-", "_").replace("_", "a").isalnum()
    assert wire.isascii()
    assert names.original(wire) == name


def test_long_names_that_begin_alike_stay_apart() -> None:
    names = ToolNames()
    first, second = names.wire("x" * 80 + "1"), names.wire("x" * 80 + "2")
    assert first != second


@pytest.mark.parametrize(
    ("model", "url", "expected"),
    [
        ("some-model", "http://127.0.0.1:8080/v1", Profile("openai")),
        ("GPT-5-mini", "https://x/v1", "max_completion_tokens"),
        ("openai/o3", "https://x/v1", "max_completion_tokens"),
    ],
)
def test_profiles_are_found_by_model(model: str, url: str, expected: object) -> None:
    profile = find_profile("openai", url, model)
    assert expected in (profile, profile.max_tokens_field)


def test_profiles_put_fitting_entries_together() -> None:
    profile = find_profile("openai", "https://api.moonshot.ai/v1", "kimi-k2-thinking")
    assert profile.reasoning_replay == "reasoning_content"
    local = find_profile("openai", "http://127.0.0.1:1/v1", "deepseek-v3.2")
    assert (local.reasoning_replay, local.images) == ("reasoning_content", False)
    assert find_profile("responses", "https://x/v1", "deepseek-v3.2").reasoning_replay == "none"
