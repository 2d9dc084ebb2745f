"""What the proxy says of itself and its models to a client that takes it for an Ollama server."""

import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from ccproxy_tui.protocols.base import Address, ModelCard, Operation
from ccproxy_tui.protocols.hub import JsonObject

VERSION: Final = "0.13.5"
"""Codex refuses servers before 0.13.4, the first that speak Responses."""
_MODIFIED: Final = "2025-01-01T00:00:00Z"
_NEVER: Final = "9999-12-31T23:59:59Z"
_TEMPLATE: Final = "{{ .System }}{{ .Tools }}{{ .Prompt }}{{ .Response }}"
"""Some clients look here for tools, and not into the capabilities."""


def describe(address: Address, models: Sequence[ModelCard]) -> JsonObject:
    """Answer a question about the proxy itself: its models, one of them, its version."""
    match address.route.operation:
        case Operation.TELL_VERSION:
            return {"version": VERSION}
        case Operation.DESCRIBE_MODEL:
            return _show(models[0])
        case Operation.LIST_RUNNING:
            return {"models": [_running(model) for model in models]}
    return {"models": [{**_entry(model), "modified_at": _MODIFIED} for model in models]}


def _entry(model: ModelCard) -> JsonObject:
    digest = sha256(model.id.encode("utf-8", "surrogatepass")).hexdigest()
    return {
        "name": model.id,
        "model": model.id,
        "size": 0,
        "digest": digest,
        "details": _details(model),
    }


def _running(model: ModelCard) -> JsonObject:
    return {
        **_entry(model),
        "expires_at": _NEVER,
        "size_vram": 0,
        "context_length": model.context_window or 0,
    }


def _details(model: ModelCard) -> JsonObject:
    family = _family(model)
    return {
        "parent_model": "",
        "format": "",
        "family": family,
        "families": [family],
        "parameter_size": "",
        "quantization_level": "",
    }


def _family(model: ModelCard) -> str:
    """Guess the family by the name's first word."""
    found = re.match(r"[a-z0-9]+", model.id.rpartition("/")[2].lower())
    return found[0] if found else "unknown"


def _show(model: ModelCard) -> JsonObject:
    family = _family(model)
    info: JsonObject = {"general.architecture": family, "general.basename": model.id}
    parameters = []
    if model.context_window is not None:
        info[f"{family}.context_length"] = model.context_window
        parameters.append(f"num_ctx {model.context_window}")
    if model.max_output_tokens is not None:
        parameters.append(f"num_predict {model.max_output_tokens}")
    abilities = {"completion": True, "tools": True, "vision": model.images}
    abilities["thinking"] = model.thinking
    return {
        "modelfile": f"FROM {model.id}\n",
        "parameters": "\n".join(parameters),
        "template": _TEMPLATE,
        "details": _details(model),
        "model_info": info,
        "capabilities": [ability for ability, has in abilities.items() if has],
        "modified_at": _MODIFIED,
    }
