"""What errors say that a model cannot do, and that asking again leaves it out."""

from copy import deepcopy
from types import ModuleType
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccproxy_tui.config.profiles import ModelProfile, read_profiles, write_profiles
from ccproxy_tui.protocols import claude, gemini, ollama, openai, responses
from ccproxy_tui.protocols.base import Failure
from ccproxy_tui.protocols.failures import CONTEXT_OVERFLOW, OUTPUT_LIMIT, read_failure
from ccproxy_tui.protocols.hub import (
    Conversation,
    Image,
    JsonObject,
    Reasoning,
    Text,
    Thinking,
    Tool,
    ToolChoice,
    ToolResult,
    ToolUse,
    Turn,
)
from ccproxy_tui.protocols.lacks import Lack, names_lack, read_lack
from ccproxy_tui.protocols.profiles import Profile, drop_fields, find_profile

PROTOCOLS: dict[str, ModuleType] = {
    "claude": claude,
    "openai": openai,
    "responses": responses,
    "gemini": gemini,
    "ollama": ollama,
}
THINKERS = {
    "claude": "claude-opus-5",
    "openai": "gpt-oss-120b",
    "responses": "o4-mini",
    "gemini": "gemini-3-pro",
    "ollama": "qwen3:8b",
}
"""A model of each protocol that is asked to think."""


def everything() -> Conversation:
    """Give a request with a bit of all that a model may not be able to do."""
    return Conversation(
        "m",
        system=[Text("s")],
        turns=[
            Turn("user", [Text("what is it?"), Image("image/png", "AAAA")]),
            Turn("assistant", [Thinking("hm"), ToolUse("call_1", "Read", {"path": "/x"})]),
            Turn("user", [ToolResult("call_1", [Text("done")])]),
        ],
        tools=[Tool("Read", "reads", {"type": "object", "properties": {}})],
        tool_choice=ToolChoice("any"),
        max_tokens=1000,
        temperature=0.5,
        top_p=0.9,
        top_k=5,
        seed=3,
        stop=["x"],
        presence_penalty=0.1,
        frequency_penalty=0.1,
        stream=True,
        reasoning=Reasoning("on", effort="minimal"),
        user="u",
        shared={"store": True, "verbosity": "low", "metadata": {"a": "b"}},
    )


def written(protocol: str, profile: Profile, **changes: Any) -> JsonObject:
    conversation = everything()
    for name, value in changes.items():
        setattr(conversation, name, value)
    body, _ = PROTOCOLS[protocol].write_request(conversation, profile)
    found: JsonObject = body
    return found


def profile_of(protocol: str, *entries: Any, model: str = "m") -> Profile:
    return find_profile(protocol, "https://x/v1", model, entries)


def said(status: int, error: Any) -> Failure:
    return read_failure(status, orjson.dumps(error), {})


def as_openai(message: str, param: str | None = None, code: str | None = None) -> Any:
    kind = "invalid_request_error"
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def as_claude(message: str) -> Any:
    return {"type": "error", "error": {"type": "invalid_request_error", "message": message}}


def as_gemini(message: str) -> Any:
    return {"error": {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}}


OR_TOOLS = (
    'No endpoints found that support tool use. Try disabling "Read". To learn more: https://x'
)
OR_IMAGES = {"error": {"message": "No endpoints found that support image input", "code": 404}}
OLLAMA_TOOLS = "registry.ollama.ai/library/gemma3:4b does not support tools"
VLLM_TOOLS = (
    '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'
)
LLAMA_IMAGES = "image input is not supported - hint: you may need to provide the mmproj"
DEEPSEEK_IMAGES = (
    "Failed to deserialize the JSON body into the target type: messages[3]: unknown variant"
    " `image_url`, expected `text` at line 1 column 302910"
)
MAX_TOKENS = (
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use"
    " 'max_completion_tokens' instead."
)
TEMPERATURE = (
    "Unsupported value: 'temperature' does not support 0.5 with this model. Only the default (1)"
    " value is supported."
)
GPT_5_1 = (
    "Unsupported value: 'minimal' is not supported with the 'gpt-5.1' model. Supported values are:"
    " 'none', 'low', 'medium', and 'high'."
)
CODEX = (
    "Unsupported value: 'low' is not supported with the 'gpt-5-codex' model. Supported values are:"
    " 'medium'."
)
EXTRA = {"type": "extra_forbidden", "msg": "Extra inputs are not permitted", "input": {}}
GROQ_THOUGHT = (
    "'messages.1' : for 'role:assistant' the following must be satisfied[('messages.1' : property"
    " 'reasoning_content' is unsupported)]"
)
REPLAYS = {"reasoning_replay": "reasoning_content"}


def extra(*place: str | int) -> Any:
    return {"detail": [{"type": "extra_forbidden", "loc": list(place), "msg": EXTRA["msg"]}]}


# protocol, status, error, words, gone: what the request must no longer have
TOLD: list[tuple[str, int, Any, str, str]] = [
    ("openai", 404, {"error": {"message": OR_TOOLS, "code": 404}}, "no tools", '"tools"'),
    ("ollama", 400, {"error": OLLAMA_TOOLS}, "no tools", '"tools"'),
    ("ollama", 400, {"error": OLLAMA_TOOLS}, "no tools", '"tool_calls"'),
    ("claude", 400, as_claude(OLLAMA_TOOLS), "no tools", '"tool_use"'),
    ("openai", 400, as_openai(VLLM_TOOLS), "no tools", '"tool_choice"'),
    *(
        ("openai", 400, as_openai(words), "no tools", '"tools"')
        for words in (
            "tools are not supported for this model",
            "tools is not supported by this model",
            "Tools are not supported",
            "tool calls are unsupported",
            "This model has no support for tools.",
        )
    ),
    ("openai", 500, as_openai("tools param requires --jinja flag"), "no tools", '"tools"'),
    (
        "openai",
        400,
        as_openai("`tool calling` is not supported with this model"),
        "no tools",
        '"tools"',
    ),
    (
        "openai",
        400,
        as_openai("Function call is not supported for this model."),
        "no tools",
        '"role":"tool"',
    ),
    (
        "gemini",
        400,
        as_gemini("Function calling is not enabled for models/gemma-3-12b-it"),
        "no tools",
        '"functionDeclarations"',
    ),
    (
        "gemini",
        400,
        as_gemini("Function calling is not enabled for models/gemma-3-12b-it"),
        "no tools",
        '"functionCall"',
    ),
    (
        "openai",
        400,
        as_openai("tool_choice 'required' is incompatible with thinking enabled"),
        "no forced tool",
        '"required"',
    ),
    (
        "openai",
        400,
        as_openai("deepseek-reasoner does not support this tool_choice"),
        "no forced tool",
        '"required"',
    ),
    (
        "openai",
        400,
        as_openai(
            "<400> InternalError.Algo.InvalidParameter: The tool_choice parameter does not support"
            " being set to required or object in thinking mode"
        ),
        "no forced tool",
        '"required"',
    ),
    ("openai", 404, OR_IMAGES, "no images", '"image_url"'),
    ("responses", 404, OR_IMAGES, "no images", '"input_image"'),
    ("openai", 500, as_openai(LLAMA_IMAGES), "no images", '"image_url"'),
    ("openai", 400, as_openai(DEEPSEEK_IMAGES), "no images", '"image_url"'),
    (
        "openai",
        400,
        as_openai("Invalid content type. image_url is only supported by certain models."),
        "no images",
        '"image_url"',
    ),
    ("openai", 400, as_openai("m is not a multimodal model"), "no images", '"image_url"'),
    (
        "openai",
        400,
        as_openai("At most 0 image(s) may be provided in one prompt."),
        "no images",
        '"image_url"',
    ),
    (
        "openai",
        400,
        {"error": {"code": "1210", "message": "messages.content.type 参数非法,取值范围 ['text']"}},
        "no images",
        '"image_url"',
    ),
    (
        "claude",
        400,
        as_claude("this model does not support image input (ref: b8bd)"),
        "no images",
        '"image"',
    ),
    (
        "gemini",
        400,
        as_gemini("Image input modality is not enabled for models/gemma-3-1b-it"),
        "no images",
        '"inlineData"',
    ),
    (
        "claude",
        400,
        as_claude("thinking is not supported by this model"),
        "no thinking",
        '"thinking":',
    ),
    (
        "claude",
        400,
        as_claude("thinking: Extra inputs are not permitted"),
        "no thinking",
        '"output_config"',
    ),
    (
        "claude",
        400,
        as_claude("This model does not support the effort parameter."),
        "no levels of thinking",
        '"effort"',
    ),
    (
        "claude",
        400,
        as_claude("adaptive thinking is not supported on this model"),
        "no thinking without a number of tokens",
        '"adaptive"',
    ),
    (
        "claude",
        400,
        as_claude("output_config: Extra inputs are not permitted"),
        "no parameter output_config",
        '"output_config"',
    ),
    ("ollama", 400, {"error": '"m" does not support thinking'}, "no thinking", '"think"'),
    (
        "gemini",
        400,
        as_gemini("Thinking is not enabled for models/gemini-2.0-flash"),
        "no thinking",
        '"thinkingConfig"',
    ),
    (
        "gemini",
        400,
        as_gemini(
            "Unable to submit request because Thinking_config.include_thoughts is only enabled when"
            " thinking is enabled.. Learn more: https://x"
        ),
        "no thinking",
        '"thinkingConfig"',
    ),
    (
        "gemini",
        400,
        as_gemini("Thinking level is not supported for this model."),
        "no levels of thinking",
        '"thinkingLevel"',
    ),
    (
        "gemini",
        400,
        as_gemini(
            'Invalid JSON payload received. Unknown name "thinkingLevel" at'
            " 'generation_config.thinking_config': Cannot find field."
        ),
        "no levels of thinking",
        '"thinkingLevel"',
    ),
    (
        "responses",
        400,
        as_openai(
            "Unsupported parameter: 'reasoning.effort' is not supported with this model.",
            "reasoning.effort",
            "unsupported_parameter",
        ),
        "no thinking",
        '"reasoning"',
    ),
    (
        "responses",
        400,
        as_openai("Encrypted content is not supported with this model.", "include"),
        "no thinking",
        '"reasoning.encrypted_content"',
    ),
    (
        "responses",
        400,
        as_openai(GPT_5_1, "reasoning.effort", "unsupported_value"),
        "no levels of thinking but none, low, medium, high",
        '"minimal"',
    ),
    (
        "openai",
        400,
        as_openai(GPT_5_1.replace("'minimal' is", "'reasoning_effort' does")),
        "no levels of thinking but none, low, medium, high",
        '"minimal"',
    ),
    (
        "claude",
        400,
        as_claude("output_config.effort: Input should be 'medium', 'high' or 'max'"),
        "no levels of thinking but medium, high, max",
        '"low"',
    ),
    (
        "responses",
        400,
        as_openai(CODEX, "text.verbosity", "unsupported_value"),
        "no parameter text.verbosity",
        '"verbosity"',
    ),
    (
        "openai",
        400,
        as_openai(MAX_TOKENS),
        "max_completion_tokens in place of max_tokens",
        '"max_tokens"',
    ),
    ("openai", 400, as_openai(TEMPERATURE), "no parameter temperature", '"temperature"'),
    (
        "responses",
        400,
        as_openai("Unsupported parameter: 'temperature' is not supported with this model."),
        "no parameter temperature",
        '"temperature"',
    ),
    (
        "claude",
        400,
        as_claude("`temperature` is deprecated for this model."),
        "no parameter temperature",
        '"temperature"',
    ),
    (
        "claude",
        400,
        as_claude("top_k: Extra inputs are not permitted"),
        "no parameter top_k",
        '"top_k"',
    ),
    (
        "openai",
        400,
        as_openai("Unrecognized request arguments supplied: seed, user"),
        "no parameters seed, user",
        '"seed"',
    ),
    (
        "openai",
        400,
        as_openai("Unrecognized request argument supplied: stream_options"),
        "no parameter stream_options",
        '"stream_options"',
    ),
    ("responses", 400, as_openai("Unknown parameter: 'store'."), "no parameter store", '"store"'),
    (
        "openai",
        400,
        as_openai("property 'seed' is unsupported, did you mean 'stop'?"),
        "no parameter seed",
        '"seed"',
    ),
    (
        "openai",
        422,
        extra("body", "stream_options"),
        "no parameter stream_options",
        '"stream_options"',
    ),
    (
        "openai",
        422,
        {"object": "error", "message": extra("body", "seed"), "type": "invalid_request_error"},
        "no parameter seed",
        '"seed"',
    ),
    (
        "openai",
        422,
        extra("body", "stream_options", "include_usage"),
        "no parameter stream_options.include_usage",
        '"include_usage"',
    ),
    (
        "openai",
        400,
        {"code": "x", "error": "Argument not supported on this model: presencePenalty"},
        "no parameter presence_penalty",
        '"presence_penalty"',
    ),
    (
        "openai",
        400,
        {"code": "x", "error": "Model grok-4 does not support parameter reasoningEffort."},
        "no parameter reasoning_effort",
        '"reasoning_effort"',
    ),
    ("openai", 500, as_openai("Unsupported param: seed"), "no parameter seed", '"seed"'),
    ("openai", 400, as_openai("parameter seed is not supported"), "no parameter seed", '"seed"'),
    (
        "openai",
        400,
        as_openai("`reasoning_effort` is not supported with this model"),
        "no parameter reasoning_effort",
        '"reasoning_effort"',
    ),
    (
        "gemini",
        400,
        as_gemini(
            "Invalid JSON payload received. Unknown name \"topK\" at 'generation_config': Cannot"
            " find field."
        ),
        "no parameter generationConfig.topK",
        '"topK"',
    ),
    (
        "gemini",
        400,
        as_gemini("Penalty is not enabled for this model"),
        "no penalties",
        '"presencePenalty"',
    ),
    (
        "openai",
        400,
        [{"error": {"code": 400, "message": 'Unknown name "seed": Cannot find field.'}}],
        "no parameter seed",
        '"seed"',
    ),
]


@pytest.mark.parametrize(("protocol", "status", "error", "words", "gone"), TOLD)
def test_what_is_lacking_is_left_out_when_asked_again(
    protocol: str, status: int, error: Any, words: str, gone: str
) -> None:
    failure = said(status, error)
    seeing = {"images": True}
    thinks = any(word in words for word in ("thinking", "reasoning", "output_config"))
    model = "gpt-5" if '"minimal"' in gone else THINKERS[protocol] if thinks else "m"
    changes = {"tool_choice": None} if thinks else {"reasoning": None}
    profile = profile_of(protocol, seeing, model=model)
    before = written(protocol, profile, **changes)
    assert gone in orjson.dumps(before).decode(), "the test asks for it"
    assert names_lack(failure)
    lack = read_lack(failure, profile)
    assert lack is not None
    assert lack.words == words
    again = profile_of(protocol, lack.entry, seeing, model=model)
    after = written(protocol, again, **changes)
    assert gone not in orjson.dumps(after).decode()
    assert read_lack(failure, again) is None, "once is enough"
    for name in ("model", "messages", "input", "contents", "system", "stream"):
        assert (name in before) == (name in after)


@pytest.mark.parametrize(("protocol", "status", "error"), [case[:3] for case in TOLD])
def test_a_profile_can_remember(protocol: str, status: int, error: Any) -> None:
    profile = profile_of(protocol, {"images": True}, model=THINKERS[protocol])
    lack = read_lack(said(status, error), profile)
    assert lack is not None
    kept = ModelProfile.model_validate({"model": "m", **lack.entry})
    (read,) = read_profiles(write_profiles([kept]))
    assert {name: value for name, value in read.entry.items() if name != "model"} == lack.entry


def test_the_limit_of_tokens_is_sent_under_its_other_name() -> None:
    lack = read_lack(said(400, as_openai(MAX_TOKENS)), Profile("openai"))
    assert lack == Lack(
        "max_completion_tokens in place of max_tokens",
        {"max_tokens_field": "max_completion_tokens"},
    )
    assert written("openai", profile_of("openai", lack.entry))["max_completion_tokens"] == 1000
    wrong = said(400, as_openai("Unrecognized request argument supplied: max_completion_tokens"))
    back = read_lack(wrong, profile_of("openai", lack.entry))
    assert back is not None
    assert written("openai", profile_of("openai", back.entry, lack.entry))["max_tokens"] == 1000
    assert read_lack(said(400, as_openai(MAX_TOKENS)), Profile("responses")) is None


def test_past_thinking_is_no_longer_sent() -> None:
    for failure in (
        said(400, as_openai(GROQ_THOUGHT)),
        said(422, extra("body", "messages", 1, "assistant", "reasoning_content")),
        said(
            400,
            {
                "message": "messages.2.assistant.reasoning_content: property"
                " 'messages.2.assistant.reasoning_content' is unsupported",
                "type": "invalid_request_error",
            },
        ),
    ):
        lack = read_lack(failure, profile_of("openai", REPLAYS))
        assert lack == Lack("no past thinking", {"reasoning_replay": "none"})
        body = written("openai", profile_of("openai", lack.entry, REPLAYS))
        assert b"reasoning_content" not in orjson.dumps(body)
        assert read_lack(failure, profile_of("openai")) is None


def test_a_schema_gives_way_step_by_step() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
    failure = said(400, as_openai("This response_format type is unavailable now"))
    entries: list[Any] = []
    profile, kinds = profile_of("openai"), []
    while lack := read_lack(failure, profile):
        entries.insert(0, lack.entry)
        profile = profile_of("openai", *entries)
        body = written("openai", profile, output_schema=schema, tools=[])
        kinds.append(body.get("response_format", {}).get("type"))
        assert "follows this JSON schema" in body["messages"][0]["content"]
    assert kinds == ["json_object", None]
    for wording in (
        "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
        "This model does not support response format `json_schema`.",
    ):
        assert read_lack(said(400, as_openai(wording)), Profile("openai")) is not None
    mode = said(400, as_gemini("JSON mode is not enabled for models/gemma-3-1b-it"))
    lack = read_lack(mode, Profile("gemini"))
    assert lack == Lack("no JSON mode", {"output_schema": "none"})


def test_lacks_add_up() -> None:
    entries: list[Any] = []
    for name in ("seed", "user"):
        failure = said(400, as_openai(f"Unrecognized request argument supplied: {name}"))
        lack = read_lack(failure, profile_of("openai", *entries))
        assert lack is not None
        entries.insert(0, lack.entry)
    assert profile_of("openai", *entries).drop == ("seed", "user")


def test_what_one_wording_cannot_mend_another_may() -> None:
    text = f"{OLLAMA_TOOLS}; this model does not support image input"
    failure = said(400, {"error": text})
    first = read_lack(failure, Profile("ollama"))
    assert first == Lack("no tools", {"tools": False})
    second = read_lack(failure, Profile("ollama", tools=False))
    assert second == Lack("no images", {"images": False})
    assert read_lack(failure, Profile("ollama", tools=False, images=False)) is None
    assert names_lack(failure)


def test_documents_and_sounds() -> None:
    for pdf in (
        said(400, as_claude("claude-3-haiku does not support PDF input")),
        said(404, {"error": {"message": "No endpoints found that support file input"}}),
    ):
        assert read_lack(pdf, Profile("claude", documents=True)) == Lack(
            "no documents", {"documents": False}
        )
    for sound in (
        said(404, {"error": {"message": "No endpoints found that support input audio"}}),
        said(400, as_gemini("Audio input modality is not enabled for models/x")),
    ):
        assert read_lack(sound, Profile("openai", audio=True)) == Lack("no sound", {"audio": False})


def test_how_much_to_think_is_no_longer_said() -> None:
    failure = said(400, {"error": 'think value "low" is not supported for this model'})
    lack = read_lack(failure, profile_of("ollama", model="gpt-oss:20b"))
    assert lack == Lack("no levels of thinking", {"efforts": []})
    assert "think" not in written("ollama", profile_of("ollama", lack.entry, model="gpt-oss:20b"))
    budget = said(400, as_gemini("Thinking budget is not supported for this model"))
    lack = read_lack(budget, profile_of("gemini", model="gemini-2.5-flash"))
    assert lack is not None
    body = written("gemini", profile_of("gemini", lack.entry, model="gemini-2.5-flash"))
    assert body["generationConfig"]["thinkingConfig"] == {"includeThoughts": True}


FIELDS = {
    "claude": "top_k",
    "openai": "seed",
    "responses": "store",
    "gemini": "generationConfig.seed",
    "ollama": "options.seed",
}


@pytest.mark.parametrize("protocol", FIELDS)
def test_every_protocol_leaves_out_what_is_refused(protocol: str) -> None:
    name = FIELDS[protocol]
    notes: list[str] = []
    changes = {"reasoning": None, "notes": notes}
    last = f'"{name.rpartition(".")[2]}"'
    assert last in orjson.dumps(written(protocol, profile_of(protocol), **changes)).decode()
    body = written(protocol, profile_of(protocol, {"drop": [name]}), **changes)
    assert last not in orjson.dumps(body).decode()
    assert f"left out, as the target refuses the fields: {name}" in notes


def test_what_is_too_long_is_no_lack() -> None:
    for kind in (CONTEXT_OVERFLOW, OUTPUT_LIMIT):
        assert not names_lack(Failure(400, OLLAMA_TOOLS, kind))


def test_top_p_gives_way_to_a_temperature() -> None:
    failure = said(
        400,
        as_claude(
            "`temperature` and `top_p` cannot both be specified for this model. Please use only one."
        ),
    )
    lack = read_lack(failure, Profile("claude"))
    assert lack == Lack("no parameter top_p", {"drop": ["top_p"]})


def test_a_request_that_passes_as_it_came_can_lose_fields_too() -> None:
    body = {"model": "m", "thinking": {"type": "adaptive"}, "output_config": {"effort": "low"}}
    failure = said(400, as_claude("thinking is not supported by this model"))
    lack = read_lack(failure, profile_of("claude"))
    assert lack is not None
    given = deepcopy(body)
    assert drop_fields(given, profile_of("claude", lack.entry)) == [
        "left out, as the target refuses the fields: thinking, output_config.effort"
    ]
    assert given == {"model": "m"}


NOT_LACKS: list[tuple[int, Any]] = [
    (400, as_openai("max_tokens is too large: 9000. This model supports at most 4096 tokens.")),
    (400, as_claude("prompt is too long: 210000 tokens > 200000 maximum")),
    (
        400,
        as_claude("max_tokens: 9000 > 8192, which is the maximum allowed number of output tokens"),
    ),
    (400, as_openai("Unsupported parameter: 'messages' is not supported with this model.")),
    (400, as_openai("Unsupported parameter: 'max_tokens' is not supported with this model.")),
    (400, as_openai("Unsupported value: 'stream' does not support true with this model.")),
    (400, as_openai("Unsupported value: 'messages[0].role' does not support 'system'")),
    (400, as_openai("Unrecognized request argument supplied: messages")),
    (400, as_openai("Unrecognized request argument supplied: model, input, contents")),
    (400, as_openai("property 'id' is unsupported, did you mean 'role'?")),
    (400, as_openai("'messages.0' : ... property 'user' is unsupported")),
    (400, as_claude("messages.65.content.1.tool_use.text: Extra inputs are not permitted")),
    (400, as_claude("tools.0.custom.user: Extra inputs are not permitted")),
    (400, as_claude("model: Extra inputs are not permitted")),
    (400, as_claude("messages.1.content.0: Invalid `signature` in `thinking` block")),
    (400, as_claude("`max_tokens` must be greater than `thinking.budget_tokens`.")),
    (400, as_claude("temperature: range: 0..1")),
    (422, extra("body", "messages", 0, "user", "name")),
    (422, extra("body", "messages")),
    (
        400,
        as_gemini(
            'Invalid JSON payload received. Unknown name "seed" at'
            " 'tools[0].function_declarations[0].parameters': Cannot find field."
        ),
    ),
    (400, as_gemini('Unknown name "generationConfig": Cannot find field.')),
    (400, as_openai("The role 'user' is not allowed after a tool call")),
    (400, as_openai("This model does not support image URLs, send base64")),
    (400, as_openai("This endpoint does not support image generation")),
    (400, as_openai("This model doesn't support tool use in streaming mode.")),
    (400, as_openai("Invalid value: 'tool'. Supported values are: 'low', 'high'.")),
    (400, as_openai(CODEX, "text.size", "unsupported_value")),
    (404, as_openai("The model `m` does not exist or you do not have access to it.")),
    (401, as_openai(TEMPERATURE)),
    (429, as_openai(OLLAMA_TOOLS)),
    (503, as_openai(OLLAMA_TOOLS)),
]


@pytest.mark.parametrize(("status", "error"), NOT_LACKS)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_other_errors_are_no_lacks(protocol: str, status: int, error: Any) -> None:
    failure = said(status, error)
    assert not names_lack(failure)
    assert read_lack(failure, profile_of(protocol)) is None


PIECES = st.sampled_from(
    [
        "Unsupported parameter: '",
        "' is not supported with this model",
        "Supported values are: 'low', 'high'",
        "effort",
        "(reasoning.effort)",
        '"loc":["body","seed"],"msg":"Extra inputs are not permitted"',
        ": Extra inputs are not permitted",
        "temperature",
        "messages",
        " ",
    ]
)


@given(
    st.lists(PIECES | st.text(max_size=5), max_size=12).map("".join),
    st.sampled_from([400, 404, 422, 500]),
    st.sampled_from(list(PROTOCOLS)),
)
def test_whatever_an_error_says_the_request_stays_one(
    text: str, status: int, protocol: str
) -> None:
    failure = Failure(status, text)
    lack = read_lack(failure, profile_of(protocol))
    if lack is None:
        return
    assert names_lack(failure)
    body = written(protocol, profile_of(protocol, lack.entry))
    assert {"messages", "input", "contents"} & set(body)
