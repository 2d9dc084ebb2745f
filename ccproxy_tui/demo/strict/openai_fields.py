"""Checks that OpenAI's two protocols have in common."""

import re
from collections.abc import Iterator

from ccproxy_tui.demo.reply import JsonObject
from ccproxy_tui.demo.strict.base64_data import is_base64
from ccproxy_tui.demo.strict.words import words

TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_DATA_URL = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,(?P<data>.*)", re.DOTALL)
_LONGEST = {"user": 64, "safety_identifier": 64, "prompt_cache_key": 64}
_MOST_METADATA = 16
_LONGEST_METADATA = 512
_RANGES = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "presence_penalty": (-2, 2),
    "frequency_penalty": (-2, 2),
}
EFFORTS = words("none minimal low medium high xhigh max")


def unknown(body: JsonObject, known: frozenset[str], where: str = "") -> Iterator[str]:
    """The fields that the vendor does not know."""
    for name in body:
        if name not in known:
            yield (
                f"Unknown parameter: '{where}.{name}'."
                if where
                else (
                    f"Unknown parameter: '{name}'. Unrecognized request argument supplied: {name}"
                )
            )


def common(body: JsonObject) -> Iterator[str]:
    """Fields of the body that both protocols have."""
    if not isinstance(body.get("model"), str) or not body["model"]:
        yield "you must provide a model parameter"
    for name, (least, most) in _RANGES.items():
        value = body.get(name)
        if value is not None and not least <= value <= most:
            yield f"Invalid '{name}': expected a value between {least} and {most}."
    for name, longest in _LONGEST.items():
        if len(body.get(name) or "") > longest:
            yield f"Invalid '{name}': string too long. Expected maximum length {longest}."
    metadata = body.get("metadata")
    if metadata is not None:
        yield from _metadata(metadata)
    if not isinstance(body.get("stream", False), bool | None):
        yield "Invalid type for 'stream': expected a boolean."
    if body.get("stream_options") is not None and not body.get("stream"):
        yield "Invalid value for 'stream_options': only allowed when 'stream' is specified."


def _metadata(metadata: object) -> Iterator[str]:
    if not isinstance(metadata, dict):
        yield "Invalid type for 'metadata': expected an object."
        return
    if len(metadata) > _MOST_METADATA:
        yield f"Invalid 'metadata': too many properties. Expected at most {_MOST_METADATA}."
    for name, value in metadata.items():
        if not isinstance(value, str) or len(value) > _LONGEST_METADATA:
            yield f"Invalid 'metadata.{name}': expected a string of at most {_LONGEST_METADATA}."


def image(url: object, where: str) -> Iterator[str]:
    """An image's address, or its data."""
    if not isinstance(url, str):
        yield f"Invalid type for '{where}': expected an image URL."
    elif url.startswith("data:"):
        found = _DATA_URL.fullmatch(url)
        if found is None or not is_base64(found["data"]):
            yield f"Invalid '{where}'. Expected a base64-encoded data URL with an image MIME type."
    elif not url.startswith(("http://", "https://")):
        yield f"Invalid '{where}'. Expected a valid URL, but got a value with an invalid format."


def function(tool: JsonObject, where: str) -> Iterator[str]:
    """A function's name and schema."""
    name = tool.get("name")
    if name is None:
        yield f"Missing required parameter: '{where}.name'."
    elif not isinstance(name, str) or not TOOL_NAME.fullmatch(name):
        yield f"Invalid '{where}.name': string does not match pattern '^{TOOL_NAME.pattern}$'."
    if not isinstance(tool.get("description", ""), str | None):
        yield f"Invalid type for '{where}.description': expected a string."
    schema = tool.get("parameters")
    if schema is not None and not isinstance(schema, dict):
        yield f"Invalid type for '{where}.parameters': expected an object."
    elif schema and schema.get("type") != "object":
        yield (
            f"Invalid schema for function '{name}': schema must be a JSON Schema of "
            f"'type: \"object\"', got 'type: {schema.get('type')!r}'."
        )
