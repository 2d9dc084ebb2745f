"""What the Gemini API refuses; it knows each field in camel and in snake case."""

import re
from collections.abc import Iterator

from ccproxy_tui.demo.reading.gemini import at as get
from ccproxy_tui.demo.reading.gemini import camel, declarations, messages
from ccproxy_tui.demo.reading.turn import fields, objects
from ccproxy_tui.demo.received import ReceivedRequest
from ccproxy_tui.demo.reply import JsonObject
from ccproxy_tui.demo.strict.base64_data import is_lenient_base64
from ccproxy_tui.demo.strict.schema import gemini_faults, unknown_name

_FIELDS = {
    "answer": "model contents systemInstruction tools toolConfig safetySettings generationConfig"
    " cachedContent serviceTier store labels",
    "count": "model contents generateContentRequest",
    "embed": "model content taskType title outputDimensionality requests embedContentConfig",
}
_CONFIG = (
    "stopSequences responseMimeType responseSchema responseJsonSchema _responseJsonSchema"
    " responseFormat responseModalities candidateCount maxOutputTokens temperature topP topK seed"
    " presencePenalty frequencyPenalty responseLogprobs logprobs enableEnhancedCivicAnswers"
    " speechConfig thinkingConfig imageConfig mediaResolution audioTranscriptionConfig"
)
_TOOL = (
    "functionDeclarations googleSearch googleSearchRetrieval googleMaps codeExecution urlContext"
    " computerUse fileSearch mcpServers"
)
_DECLARATION = (
    "name description parameters parametersJsonSchema response responseJsonSchema behavior"
)
_DATA = (
    "text inlineData functionCall functionResponse fileData executableCode codeExecutionResult"
    " toolCall toolResponse"
)
_BESIDE_DATA = (
    "thought thoughtSignature partMetadata videoMetadata mediaResolution mediaProcessing"
    " audioMetadata documentMetadata speechMetadata spreadsheetMetadata"
)
_INNER = {
    "functionCall": "id name args partialArgs willContinue",
    "functionResponse": "id name response parts willContinue scheduling",
    "inlineData": "mimeType data displayName",
    "fileData": "mimeType fileUri displayName",
}
_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}")
_DUMMY_SIGNATURES = ("skip_thought_signature_validator", "context_engineering_is_the_way_to_go")
"""What the documentation offers for calls that another model has made."""
_MODES = ("AUTO", "ANY", "NONE", "VALIDATED", "MODE_UNSPECIFIED")
_LEVELS = ("MINIMAL", "LOW", "MEDIUM", "HIGH", "THINKING_LEVEL_UNSPECIFIED")
_MOST_STOPS = 5


def faults(request: ReceivedRequest) -> Iterator[str]:
    """Everything that is wrong with the request."""
    body = request.json
    yield from _unknown(body, _FIELDS[request.operation], "")
    if request.operation == "embed":
        return
    if request.operation == "count":
        inner = get(body, "generateContentRequest")
        if inner is not None and get(body, "contents") is not None:
            yield "contents and generate_content_request are mutually exclusive"
        if inner is not None and not str(get(inner, "model") or "").startswith("models/"):
            yield "generate_content_request.model: unexpected model name format"
        body = fields(inner) if inner is not None else body
        yield from _unknown(body, _FIELDS["answer"], "generate_content_request")
    instruction = get(body, "systemInstruction")
    if instruction is not None:
        parts = objects(get(instruction, "parts"))
        if not parts or not all(isinstance(part.get("text"), str) for part in parts):
            yield "system_instruction: must hold parts with text"
    yield from _config(get(body, "generationConfig"))
    yield from _tools(body)
    yield from _contents(messages(body))
    if request.model.startswith("gemini-3"):
        yield from _missing_signatures(messages(body))


def _unknown(given: object, known: str, where: str) -> Iterator[str]:
    names = known.split()
    for name in fields(given):
        if camel(name) not in names:
            yield unknown_name(name, where)


def _config(config: object) -> Iterator[str]:
    if config is None:
        return
    yield from _unknown(config, _CONFIG, "generation_config")
    thinking = get(config, "thinkingConfig")
    yield from _unknown(
        thinking,
        "includeThoughts thinkingBudget thinkingLevel",
        "generation_config.thinking_config",
    )
    level = get(thinking, "thinkingLevel")
    if level is not None and get(thinking, "thinkingBudget") is not None:
        yield "You can only set only one of thinking budget and thinking level."
    if level is not None and str(level).upper() not in _LEVELS:
        yield f"Invalid value at 'generation_config.thinking_config.thinking_level', {level!r}"
    limit = get(config, "maxOutputTokens")
    if limit is not None and (not isinstance(limit, int) or limit < 1):
        yield "max_output_tokens must be positive."
    for name, most in {"temperature": 2, "topP": 1}.items():
        value = get(config, name)
        if isinstance(value, int | float) and not 0 <= value <= most:
            yield f"The value of {name} must be in the range [0.0, {most}.0]."
    stops = get(config, "stopSequences")
    if stops is not None and not isinstance(stops, list):
        yield "Invalid value at 'generation_config.stop_sequences': not a list"
    elif isinstance(stops, list) and (len(stops) > _MOST_STOPS or "" in stops):
        yield f"stop_sequences must hold 0 to {_MOST_STOPS} texts that are not empty"
    yield from _answer_schema(config)


def _answer_schema(config: object) -> Iterator[str]:
    schema = get(config, "responseSchema")
    json_schema = get(config, "responseJsonSchema")
    if schema is not None:
        yield from gemini_faults(schema, "generation_config.response_schema")
    if schema is not None and json_schema is not None:
        yield "response_schema and response_json_schema are mutually exclusive"
    mime_type = get(config, "responseMimeType")
    if mime_type not in {None, "", "text/plain", "application/json", "text/x.enum"}:
        yield f"response_mime_type: {mime_type!r} is not allowed"
    if (schema or json_schema) and mime_type not in {"application/json", "text/x.enum"}:
        yield "Function schema is only allowed with response_mime_type 'application/json'."


def _tools(body: JsonObject) -> Iterator[str]:
    for at, tool in enumerate(objects(get(body, "tools"))):
        yield from _unknown(tool, _TOOL, f"tools[{at}]")
        if not tool:
            yield f"tools[{at}].tool_type: required one_of 'tool_type' must have one field"
    names = [str(one.get("name", "")) for one in declarations(body)]
    if len(names) != len(set(names)):
        yield "Duplicate function declaration found."
    for at, one in enumerate(declarations(body)):
        where = f"tools[0].function_declarations[{at}]"
        yield from _unknown(one, _DECLARATION, where)
        if not _NAME.fullmatch(names[at]):
            yield f"{where}.name: Invalid function name {names[at]!r}."
        parameters = get(one, "parameters")
        if parameters is not None:
            yield from gemini_faults(parameters, f"{where}.parameters")
            if get(one, "parametersJsonSchema") is not None:
                yield f"{where}: parameters and parameters_json_schema are mutually exclusive"
    config = get(body, "toolConfig")
    known = "functionCallingConfig retrievalConfig includeServerSideToolInvocations"
    yield from _unknown(config, known, "tool_config")
    calling = get(config, "functionCallingConfig")
    yield from _unknown(
        calling,
        "mode allowedFunctionNames streamFunctionCallArguments",
        "tool_config.function_calling_config",
    )
    mode = str(get(calling, "mode") or "AUTO").upper()
    if mode not in _MODES:
        yield f"Invalid value at 'tool_config.function_calling_config.mode', {mode!r}"
    allowed = get(calling, "allowedFunctionNames")
    if isinstance(allowed, list) and allowed:
        if mode not in {"ANY", "VALIDATED"}:
            yield "allowed_function_names should only be set when the mode is ANY or VALIDATED."
        if missing := set(allowed) - set(names):
            yield f"allowed_function_names: not declared: {sorted(missing)}"


def _contents(contents: list[JsonObject]) -> Iterator[str]:
    if not contents:
        yield "GenerateContentRequest.contents: contents is not specified"
    elif contents[0].get("role", "user") != "user":
        yield "contents[0]: the first content must be of the user"
    calls = 0
    for at, content in enumerate(contents):
        where = f"contents[{at}]"
        yield from _unknown(content, "role parts", where)
        if content.get("role", "user") not in {"user", "model"}:
            yield "Please use a valid role: user, model."
        parts = content.get("parts")
        if not isinstance(parts, list) or not parts:
            yield f"{where}.parts: must not be empty"
            return
        for place, part in enumerate(parts):
            yield from _part(part, f"{where}.parts[{place}]")
        answers = sum(get(part, "functionResponse") is not None for part in parts)
        if answers and not calls:
            yield (
                "Please ensure that function response turn comes immediately after a function "
                "call turn."
            )
        elif answers != calls:
            yield (
                "Please ensure that the number of function response parts is equal to the number "
                "of function call parts of the function call turn."
            )
        calls = sum(get(part, "functionCall") is not None for part in parts)
        if calls and content.get("role") != "model":
            yield "Please ensure that function call turn is of the model."
        if calls and contents[at - 1].get("role") == "model":
            yield (
                "Please ensure that function call turn comes immediately after a user turn or "
                "after a function response turn."
            )
    if calls:
        yield "Please ensure that a function call turn is followed by a function response turn."


def _part(part: JsonObject, where: str) -> Iterator[str]:
    yield from _unknown(part, f"{_DATA} {_BESIDE_DATA}", where)
    data = [name for name in map(camel, part) if name in _DATA.split()]
    if len(data) != 1:
        yield f"{where}.data: required oneof field 'data' must have one initialized field"
        return
    kind = data[0]
    value = get(part, kind)
    yield from _unknown(value, _INNER.get(kind, " ".join(fields(value))), f"{where}.{kind}")
    match kind:
        case "text":
            if not isinstance(value, str):
                yield f"Invalid value at '{where}.text' (TYPE_STRING)"
        case "functionCall" | "functionResponse":
            if not _NAME.fullmatch(str(get(value, "name") or "")):
                yield f"{where}.{kind}.name: Name cannot be empty, or is invalid."
            struct = get(value, "args" if kind == "functionCall" else "response")
            if not isinstance(struct, dict | None):
                yield f"Invalid value at '{where}.{kind}' (type.googleapis.com/google.protobuf.Struct)"
            if kind == "functionResponse" and struct is None:
                yield f"{where}.function_response.response: must be set"
            for inner in objects(get(value, "parts")):
                yield from _blob(get(inner, "inlineData"), f"{where}.{kind}.parts")
        case "inlineData":
            yield from _blob(value, f"{where}.inline_data")
    signature = get(part, "thoughtSignature")
    if signature not in (None, *_DUMMY_SIGNATURES) and not is_lenient_base64(signature):
        yield f"Invalid value at '{where}.thought_signature' (TYPE_BYTES), Base64 decoding failed"
    if not isinstance(get(part, "thought"), bool | None):
        yield f"Invalid value at '{where}.thought' (TYPE_BOOL)"


def _blob(blob: object, where: str) -> Iterator[str]:
    if not get(blob, "mimeType"):
        yield f"{where}.mime_type: must be set"
    if not is_lenient_base64(get(blob, "data")):
        yield f"Invalid value at '{where}.data' (TYPE_BYTES), Base64 decoding failed"


def _missing_signatures(contents: list[JsonObject]) -> Iterator[str]:
    """Models of the third generation want the first call of each step of this turn signed.

    https://ai.google.dev/gemini-api/docs/thought-signatures
    """
    for content in reversed(contents):
        parts = objects(content.get("parts"))
        answers = any(get(part, "functionResponse") is not None for part in parts)
        if content.get("role") != "model" and not answers:
            return
        calls = [part for part in parts if get(part, "functionCall") is not None]
        if calls and not get(calls[0], "thoughtSignature"):
            yield "Function call is missing a thought_signature in functionCall parts."
