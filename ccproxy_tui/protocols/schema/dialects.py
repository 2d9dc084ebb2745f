"""What upstreams take of JSON schema, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ccproxy_tui.protocols.hub import JsonObject

TYPES: Final = ("string", "number", "integer", "boolean", "object", "array")
"""All but null, which is said in more ways than this one."""
ANNOTATIONS: Final = frozenset({"title", "description", "default", "example", "examples"})
"""Keywords that allow and forbid nothing."""
_NUMBER: Final = frozenset(
    {"enum", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
)
_OF_TYPE: Final[Mapping[str, frozenset[str]]] = {
    "string": frozenset({"enum", "format", "minLength", "maxLength", "pattern"}),
    "number": _NUMBER,
    "integer": _NUMBER,
    "boolean": frozenset({"enum"}),
    "object": frozenset(
        {"properties", "required", "minProperties", "maxProperties", "propertyOrdering"}
    ),
    "array": frozenset({"items", "minItems", "maxItems"}),
    "null": frozenset(),
}
"""Keywords that mean something beside a type."""


@dataclass(frozen=True, slots=True, eq=False)
class Dialect:
    """What is left of a schema; what is not taken is rewritten where that can be done."""

    keywords: frozenset[str] | None = None
    """The only ones taken; None: all."""
    refused: frozenset[str] = frozenset()
    """Keywords that are not taken where all others are."""
    openapi: bool = False
    """Whether it is OpenAPI 3.0's: one `type` a schema, always, null said by `nullable`, enums of
    strings only, and nothing beside an `anyOf`."""
    closed: bool = False
    """Whether objects have just the properties that are named, all of them required."""
    formats: Mapping[str, frozenset[str]] | None = None
    """The formats of each type; None: any."""
    _of_type: dict[str, frozenset[str]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        if self.keywords is not None:
            for kind, own in _OF_TYPE.items():
                self._of_type[kind] = self.keywords & (own | ANNOTATIONS)

    def takes(self, keyword: str) -> bool:
        """Whether a keyword may be used."""
        if self.keywords is None:
            return keyword not in self.refused
        return keyword in self.keywords

    def beside(self, kinds: list[str]) -> frozenset[str]:
        """Give the keywords taken beside these types; only where not all keywords are."""
        if len(kinds) == 1:
            return self._of_type[kinds[0]]
        return frozenset().union(*(self._of_type[kind] for kind in kinds or TYPES))


_LEFT_OUT: Final = frozenset(
    {"$schema", "$id", "$comment", "$anchor", "$dynamicRef", "$dynamicAnchor", "$vocabulary"}
    | {"$recursiveRef", "$recursiveAnchor", "id", "nullable", "example", "propertyOrdering"}
    | {"prefixItems", "additionalItems"}
)
OPENAI: Final = Dialect(refused=_LEFT_OUT)
"""Chat completions and Responses without `strict`: nearly all of JSON schema."""

CLAUDE: Final = Dialect(refused=_LEFT_OUT)
"""Messages: JSON schema draft 2020-12, no union at the top."""

OPENAI_STRICT: Final = Dialect(
    keywords=frozenset(
        {"type", "title", "description", "enum", "anyOf", "$ref", "properties", "required"}
        | {"items", "minItems", "maxItems", "pattern", "format", "multipleOf"}
        | {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
    ),
    closed=True,
    formats={
        "string": frozenset(
            {"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"}
        )
    },
)
"""Tools and replies with `strict`: OpenAI's "structured outputs" guide, "supported schemas"."""

GEMINI: Final = Dialect(
    keywords=frozenset(
        {"type", "format", "title", "description", "nullable", "enum", "anyOf", "default"}
        | {"items", "minItems", "maxItems", "minLength", "maxLength", "pattern", "example"}
        | {"properties", "required", "minProperties", "maxProperties", "propertyOrdering"}
        | {"minimum", "maximum"}
    ),
    openapi=True,
    formats={
        "string": frozenset({"enum", "date-time"}),
        "integer": frozenset({"int32", "int64"}),
        "number": frozenset({"float", "double"}),
    },
)
"""`functionDeclarations.parameters` and `responseSchema`: Gemini API reference, `Schema`."""

OLLAMA: Final = Dialect(
    keywords=frozenset(
        {"type", "description", "enum", "items", "properties", "required", "anyOf"},
    ),
)
"""What Ollama's Go types (`ToolProperty`) hold, so what a model's template can show it."""

UNTYPED_ITEMS: Final[JsonObject] = {
    "anyOf": [{"type": kind} for kind in ("string", "number", "boolean", "object")]
}
"""Items of an array that may be anything, for OpenAPI, where each schema has a type."""
