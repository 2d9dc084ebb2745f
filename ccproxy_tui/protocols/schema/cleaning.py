"""One schema written for a dialect."""

from functools import reduce
from typing import Any, Final

from ccproxy_tui.protocols.hub import JsonObject
from ccproxy_tui.protocols.schema.closing import close
from ccproxy_tui.protocols.schema.dialects import ANNOTATIONS, TYPES, Dialect
from ccproxy_tui.protocols.schema.keywords import distinct, fits, guess, mended, types_in, types_of
from ccproxy_tui.protocols.schema.merging import merge, united
from ccproxy_tui.protocols.schema.references import References
from ccproxy_tui.protocols.schema.rewriting import add_hints, rewrite_items, rewrite_limits

_MAPS: Final = frozenset({"properties", "patternProperties", "dependentSchemas"})
"""Keywords whose keys are names of the user's choice."""
_LISTS: Final = frozenset({"anyOf", "oneOf", "allOf"})
_SINGLE: Final = frozenset(
    {"additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"}
    | {"unevaluatedProperties", "unevaluatedItems"}
)
_PLAIN: Final = frozenset({"type", "description"})
_SCALARS: Final = frozenset({"string", "number", "integer", "boolean"})
_NOT_SHARED: Final = ANNOTATIONS - {"title", "description"}
_NOT_AT_THE_TOP: Final = ("enum", "const", "not", "nullable")
"""Keywords that no upstream takes at the top of a tool's schema."""
_DEEPEST: Final = 40
"""Levels of schemas; below, anything is allowed. Parsers and stacks end soon after."""


class Cleaning:
    """Writes one document; nothing of the caller's is changed."""

    def __init__(self, root: Any, dialect: Dialect) -> None:
        self._root: JsonObject = root if isinstance(root, dict) else {}
        self._dialect = dialect
        self._references = References(self._root, kept=dialect.takes("$ref"))
        self._kept: dict[str, str] = {}
        """Names of the definitions that recursive references need."""
        self._depth = 0
        self.open = False
        """Whether something is left that a closed dialect cannot say."""

    def document(self) -> JsonObject:
        """Write the schema as it is."""
        return self._with_definitions(self.schema(self._root))

    def arguments(self) -> JsonObject:
        """Write the schema of a tool's arguments: an object, with no union at the top."""
        flat = self._flat(self._root, whole=True)
        options = [*flat.pop("anyOf", ()), *flat.pop("oneOf", ())]
        flat = {keyword: flat[keyword] for keyword in flat if keyword not in _NOT_AT_THE_TOP}
        flat["type"] = "object"
        flat.setdefault("properties", {})
        if self._dialect.closed and not flat["properties"]:
            flat.setdefault("additionalProperties", False)
        if options:
            flat = self._object(flat, options)
        clean = self._written(flat)
        clean.setdefault("properties", {})
        return self._with_definitions(clean)

    def schema(self, node: Any) -> JsonObject:
        """Write a schema; one that is none allows anything."""
        if not isinstance(node, dict):
            node = {}
        kind = node.get("type")
        plain = type(kind) is str and kind in _SCALARS and node.keys() <= _PLAIN
        if plain and isinstance(node.get("description", ""), str):
            return dict(node)  # most schemas
        self._depth += 1
        mark = self._references.mark()
        clean = self._written(self._flat(node))
        self._references.leave(mark)
        self._depth -= 1
        return clean

    def _flat(self, node: JsonObject, *, whole: bool = False) -> JsonObject:
        """Give a copy in which references are followed and parts merged."""
        if self._depth > _DEEPEST:
            self.open = True
            return {}
        takes = self._dialect.takes
        flat = self._followed(mended(node))
        if "allOf" in flat and (whole or not takes("allOf")):
            flat = self._merged(flat)
        if "const" in flat and not takes("const"):
            flat = merge(flat, {"enum": [flat.pop("const")]})
        if "oneOf" in flat and not takes("oneOf"):
            options = flat.pop("oneOf")
            flat.setdefault("anyOf", options)
        flat.pop("$defs", None)
        flat.pop("definitions", None)
        return flat

    def _followed(self, flat: JsonObject) -> JsonObject:
        while (ref := flat.pop("$ref", None)) is not None:
            target = self._references.follow(ref)
            if target is not None:
                flat = merge(flat, mended(target))
            elif self._dialect.takes("$ref"):
                return {"$ref": f"#/$defs/{self._name(ref)}"}
            else:
                kinds = types_in(self._references.target(ref).get("type"))
                return {"type": kinds} | flat if kinds else flat
        return flat

    def _merged(self, flat: JsonObject) -> JsonObject:
        self._depth += 1
        for part in flat.pop("allOf"):
            if isinstance(part, dict):
                inner = self._flat(part, whole=True)
                inner.pop("$ref", None)
                flat = merge(flat, inner)
        self._depth -= 1
        return flat

    def _peek(self, node: Any) -> JsonObject:
        """Give one of a union's schemas as it will be seen, to tell what kind it is."""
        if not isinstance(node, dict):
            return {}
        mark = self._references.mark()
        self._depth += 1
        flat = self._flat(node, whole=True)
        self._depth -= 1
        self._references.leave(mark)
        return flat

    def _written(self, flat: JsonObject) -> JsonObject:
        if "$ref" in flat:
            return flat
        if self._dialect.keywords is None:
            return self._complete(flat)
        kinds, nullable = _read_types(flat)
        if kinds == ["null"] and self._dialect.openapi:
            kinds, nullable = ["string"], True
        options = flat.pop("anyOf", None)
        if options:
            return self._union(flat, kinds, options, nullable=nullable)
        if self._dialect.openapi and len(kinds) != 1:
            parts = [{"type": kind} for kind in kinds or TYPES if kinds or kind != "integer"]
            return self._branches(flat, parts, nullable=nullable)
        return self._reduced(flat, kinds, nullable=nullable)

    def _complete(self, flat: JsonObject) -> JsonObject:
        """Write a schema for a dialect that takes nearly everything."""
        meant = "type" in flat or "properties" in flat
        kinds = types_in(flat.pop("type", None))
        if meant and not kinds:
            kinds = guess(flat)
        if flat.get("nullable") and kinds and "null" not in kinds:
            kinds.append("null")
            if "enum" in flat:
                flat["enum"] = [*flat["enum"], None]
        rewrite_limits(flat, kinds, self._dialect)
        rewrite_items(flat, kinds, self._dialect)
        clean: JsonObject = {}
        if kinds:
            clean["type"] = kinds[0] if len(kinds) == 1 else kinds
        for keyword, value in flat.items():
            if self._dialect.takes(keyword):
                clean[keyword] = self._value(keyword, value)
        return clean

    def _reduced(self, flat: JsonObject, kinds: list[str], *, nullable: bool) -> JsonObject:
        """Write a schema of given types for a dialect that takes some keywords."""
        dialect = self._dialect
        rewrite_limits(flat, kinds, dialect)
        rewrite_items(flat, kinds, dialect)
        add_hints(flat, kinds, dialect)
        clean: JsonObject = {}
        if kinds and nullable and not dialect.openapi:
            clean["type"] = [*kinds, "null"]
            if "enum" in flat:
                flat["enum"] = [*flat["enum"], None]
        elif kinds:
            clean["type"] = kinds[0] if len(kinds) == 1 else kinds
        else:
            self.open = True
        allowed = dialect.beside(kinds)
        for keyword, value in flat.items():
            if keyword in allowed:
                clean[keyword] = self._value(keyword, value)
        if nullable and dialect.openapi:
            clean["nullable"] = True
        if "object" in kinds:
            _mend_object(clean)
            if dialect.closed and not close(clean, flat):
                self.open = True
        return clean

    def _value(self, keyword: str, value: Any) -> Any:
        if keyword in _MAPS:
            return {name: self.schema(inner) for name, inner in value.items()}
        if keyword in _LISTS:
            return [self.schema(inner) for inner in value]
        if keyword == "items" or (keyword in _SINGLE and not isinstance(value, bool)):
            return self.schema(value)
        return value

    def _union(
        self, flat: JsonObject, kinds: list[str], options: list[Any], *, nullable: bool
    ) -> JsonObject:
        """Write an `anyOf`, or something simpler that says the same."""
        if kinds:
            flat["type"] = kinds
        real: list[Any] = []
        seen: list[JsonObject] = []
        for option in options:
            peek = self._peek(option)
            if types_in(peek.get("type")) == ["null"] or peek.get("enum") == [None]:
                nullable = True
            else:
                real.append(option)
                seen.append(peek)
        if nullable:
            flat["nullable"] = True
        if not real:
            return self.schema(flat)
        if "properties" in flat or kinds == ["object"]:
            return self.schema(self._object(flat, options))
        if len(real) == 1 and isinstance(real[0], dict):
            return self.schema(merge(flat, mended(real[0])))
        if all(peek.keys() <= {"type", "enum", "title"} and "enum" in peek for peek in seen):
            values = [value for peek in seen for value in peek["enum"]]
            return self.schema(merge(flat, {"type": types_of(values), "enum": values}))
        if not self._dialect.openapi and all(peek.keys() == {"type"} for peek in seen):
            types = [name for peek in seen for name in types_in(peek["type"])]
            return self.schema(merge(flat, {"type": types}))
        flat.pop("nullable", None)
        return self._branches(flat, real, nullable=nullable)

    def _branches(self, flat: JsonObject, options: list[Any], *, nullable: bool) -> JsonObject:
        """Write each of several schemas, what stands beside them put into each."""
        openapi = self._dialect.openapi
        beside = () if openapi else ("title", "description")
        outer = {name: flat[name] for name in beside if name in flat and self._dialect.takes(name)}
        inner = {k: v for k, v in flat.items() if k not in beside and k not in _NOT_SHARED}
        branches: list[JsonObject] = []
        for option in options:
            own = mended(option) if isinstance(option, dict) else {}
            branch = self.schema(merge(own, inner))
            branches += branch["anyOf"] if branch.keys() == {"anyOf"} else [branch]
        branches = distinct(branches)
        if openapi and nullable:
            branches = [{**branch, "nullable": True} for branch in branches]
        elif nullable:
            branches.append({"type": "null"})
        if len(branches) == 1:
            return outer | branches[0]
        return {**outer, "anyOf": branches}

    def _object(self, flat: JsonObject, options: list[Any]) -> JsonObject:
        """Give one object for all of a union's."""
        seen = [self._peek(option) for option in options]
        objects = [peek for peek in seen if "object" in (types_in(peek.get("type")) or ["object"])]
        return merge(flat, reduce(united, objects)) if objects else flat

    def _name(self, ref: str) -> str:
        """Name the definition that a reference needs."""
        if ref not in self._kept:
            name = ref.rpartition("/")[2] if "/" in ref else "root"
            while name in self._kept.values():
                name += "_"
            self._kept[ref] = name
        return self._kept[ref]

    def _with_definitions(self, clean: JsonObject) -> JsonObject:
        definitions: JsonObject = {}
        while len(definitions) < len(self._kept):
            for ref, name in list(self._kept.items()):
                if name not in definitions:
                    self._references.again()
                    definitions[name] = self.schema({"$ref": ref})
        if definitions:
            clean["$defs"] = definitions
        return clean


def _read_types(flat: JsonObject) -> tuple[list[str], bool]:
    """Take the types out of a schema, and whether null is among them."""
    declared = types_in(flat.pop("type", None))
    if not declared:
        declared = types_of(flat["enum"]) if "enum" in flat else guess(flat)
    nullable = flat.pop("nullable", False) or "null" in declared
    kinds = [kind for kind in declared if kind != "null"] or declared
    if "enum" in flat:
        values = flat["enum"]
        kinds = [kind for kind in kinds if any(fits(value, [kind]) for value in values)] or kinds
        flat["enum"] = [value for value in values if fits(value, kinds)]
        if not flat["enum"]:
            del flat["enum"]
    if kinds == ["null"]:
        nullable = False
    return kinds, nullable


def _mend_object(clean: JsonObject) -> None:
    properties = clean.get("properties")
    if not properties:
        clean.pop("properties", None)
        clean.pop("required", None)
        return
    for keyword in ("required", "propertyOrdering"):
        if keyword in clean:
            clean[keyword] = [name for name in clean[keyword] if name in properties]
            if not clean[keyword]:
                del clean[keyword]
