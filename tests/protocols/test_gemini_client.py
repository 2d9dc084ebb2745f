"""What Gemini clients send, as google-genai, Gemini CLI and curl write it."""

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccproxy_tui.protocols import gemini
from ccproxy_tui.protocols.base import (
    Address,
    BadRequestError,
    ModelCard,
    Operation,
    Route,
    Rules,
)
from ccproxy_tui.protocols.gemini import embeddings
from ccproxy_tui.protocols.gemini.client import Form
from ccproxy_tui.protocols.gemini.signed import is_foreign, seal, unseal
from ccproxy_tui.protocols.hub import (
    Audio,
    Conversation,
    Document,
    Image,
    Opaque,
    Reasoning,
    Text,
    Thinking,
    Tool,
    ToolChoice,
    ToolResult,
    ToolUse,
    Turn,
    Vectors,
)
from ccproxy_tui.protocols.profiles import Profile

HELLO = {"role": "user", "parts": [{"text": "hello"}]}


def address(method: str, root: str = "/v1beta/models", **query: str) -> Address:
    path = f"{root}/{{model}}:{method}"
    route = next(one for one in gemini.routes if one.path == path)
    return Address(route, {"model": "models/gemini-x"}, query)


def read(**body: Any) -> Conversation:
    body.setdefault("contents", [HELLO])
    return gemini.read_request(gemini.check_request(body))


def turns(*contents: Any) -> list[Turn]:
    return read(contents=list(contents)).turns


def user(*parts: Any) -> dict[str, Any]:
    return {"role": "user", "parts": list(parts)}


def model(*parts: Any) -> dict[str, Any]:
    return {"role": "model", "parts": list(parts)}


# --- where requests come in


@pytest.mark.parametrize("root", ["/v1beta/models", "/v1/models", "/models"])
def test_every_method_has_a_route_under_every_root(root: str) -> None:
    found = {
        (route.method, route.path): route.operation
        for route in gemini.routes
        if route.path.startswith(root)
    }
    assert found == {
        ("POST", f"{root}/{{model}}:generateContent"): Operation.GENERATE,
        ("POST", f"{root}/{{model}}:streamGenerateContent"): Operation.GENERATE,
        ("POST", f"{root}/{{model}}:countTokens"): Operation.COUNT_TOKENS,
        ("POST", f"{root}/{{model}}:embedContent"): Operation.EMBED,
        ("POST", f"{root}/{{model}}:batchEmbedContents"): Operation.EMBED,
        ("GET", root): Operation.LIST_MODELS,
        ("GET", f"{root}/{{model}}"): Operation.DESCRIBE_MODEL,
    }


def test_shared_paths_are_claimed_by_what_only_gemini_clients_send() -> None:
    shared = Route("GET", "/v1/models", Operation.LIST_MODELS)
    assert not gemini.claims(Address(shared, headers={"user-agent": "OpenAI/Python 2"}))
    assert gemini.claims(Address(shared, headers={"x-goog-api-key": "k"}))
    assert gemini.claims(Address(shared, query={"key": "k"}))
    assert gemini.claims(Address(shared, headers={"user-agent": "google-genai-sdk/3.4"}))
    assert gemini.claims(Address(shared, headers={"x-goog-api-client": "google-genai-sdk/1"}))
    assert gemini.claims(Address(Route("GET", "/v1beta/models", Operation.LIST_MODELS)))
    assert gemini.claims(address("generateContent", "/models"))


def test_model_and_streaming_are_read_from_the_path() -> None:
    asked = gemini.read_asked({"contents": []}, address("generateContent"))
    assert (asked.model, asked.stream, asked.operation) == ("gemini-x", False, Operation.GENERATE)
    asked = gemini.read_asked({}, address("streamGenerateContent", alt="sse"))
    assert (asked.stream, asked.form) == (True, Form())
    asked = gemini.read_asked({}, address("streamGenerateContent"))
    assert (asked.stream, asked.form) == (True, Form(json_array=True))
    asked = gemini.read_asked({}, address("batchEmbedContents"))
    assert (asked.operation, asked.form) == (Operation.EMBED, Form(batch=True))
    thinking = {"generation_config": {"thinking_config": {"include_thoughts": True}}}
    assert gemini.read_asked(thinking, address("generateContent")).form == Form(thoughts=True)


# --- contents


@pytest.mark.parametrize("key", ["systemInstruction", "system_instruction"])
@pytest.mark.parametrize(
    "value", ["be brief", {"parts": [{"text": "be brief"}]}, [{"text": "be brief"}]]
)
def test_a_system_prompt_in_every_form(key: str, value: Any) -> None:
    assert read(**{key: value}).system == [Text("be brief")]


def test_roles_and_single_objects_in_place_of_lists() -> None:
    assert turns({"parts": {"text": "hi"}}) == [Turn("user", [Text("hi")])]
    assert read(contents=HELLO).turns == [Turn("user", [Text("hello")])]
    with pytest.raises(BadRequestError, match=r"contents\[0\]\.role"):
        turns({"role": "assistant", "parts": []})


def test_chunks_of_a_stream_kept_one_by_one_are_one_turn() -> None:
    """google-genai for Python puts each chunk into its history."""
    read_turns = turns(HELLO, model({"text": "Hel"}), model({"text": "lo"}), model({"text": ""}))
    assert read_turns[1:] == [Turn("assistant", [Text("Hello")])]
    thought = turns(model({"text": "a", "thought": True}), model({"text": "b", "thought": True}))
    assert thought == [Turn("assistant", [Thinking("ab")])]


def test_calls_and_results_pair_by_id_or_by_name_and_order() -> None:
    call = {"functionCall": {"name": "f", "args": {"x": 1}}}
    other = {"functionCall": {"id": "own", "name": "g"}}
    read_turns = turns(
        HELLO,
        model(call, call, other),
        {
            "role": "function",
            "parts": [
                {"functionResponse": {"id": "own", "name": "g", "response": {"output": "G"}}},
                {"functionResponse": {"name": "f", "response": {"result": "1"}}},
                {"function_response": {"name": "f", "response": {"error": "no"}}},
            ],
        },
        model(call),
        user({"functionResponse": {"name": "f", "response": {"a": 1}}}),
    )
    uses = [block for block in read_turns[1].content if isinstance(block, ToolUse)]
    assert [use.id for use in uses] == ["call_1", "call_2", "own"]
    assert [use.input for use in uses] == [{"x": 1}, {"x": 1}, {}]
    assert read_turns[2] == Turn(
        "user",
        [
            ToolResult("own", [Text("G")]),
            ToolResult("call_1", [Text("1")]),
            ToolResult("call_2", [Text("no")], is_error=True),
        ],
    )
    assert read_turns[4].content == [ToolResult("call_4", [Text('{"a":1}')])]


def test_an_id_counts_more_than_the_order() -> None:
    calls = [{"functionCall": {"id": id_, "name": "f"}} for id_ in "ab"]
    answers = [
        {"functionResponse": {"id": id_, "name": "f", "response": {"output": id_}}} for id_ in "ba"
    ]
    assert turns(model(*calls), user(*answers))[1].content == [
        ToolResult("b", [Text("b")]),
        ToolResult("a", [Text("a")]),
    ]


def test_a_call_without_a_result_takes_none_of_a_later_turn() -> None:
    call = {"functionCall": {"name": "f"}}
    answer = {"functionResponse": {"name": "f", "response": {"output": "late"}}}
    read_turns = turns(model(call), user({"text": "stop"}), model(call), user(answer))
    assert read_turns[3].content == [ToolResult("call_2", [Text("late")])]


def test_ids_are_the_same_in_every_call_and_never_twice() -> None:
    contents = [model({"functionCall": {"id": "a", "name": "f"}}) for _ in range(2)]
    contents += [model({"functionCall": {"name": "f"}})]
    first, again = turns(HELLO, *contents), turns(HELLO, *contents, HELLO)
    assert first == again[:-1]
    ids = [block.id for block in first[1].content if isinstance(block, ToolUse)]
    assert len(set(ids)) == 3


def test_files_of_all_kinds() -> None:
    def blob(kind: str, data: str = "QQ==") -> dict[str, Any]:
        return {"inlineData": {"mimeType": kind, "data": data, "displayName": "n"}}

    read_turns = turns(
        user(
            blob("image/png"),
            {"inline_data": {"mime_type": "audio/wav", "data": "QQ=="}},
            blob("application/pdf"),
            blob("text/plain", b64encode("ü".encode()).decode()),
            blob("video/mp4"),
            {"fileData": {"fileUri": "https://x/a.png?b"}},
            {"fileData": {"fileUri": "https://x/a", "mimeType": "application/pdf"}},
            {"executableCode": {"language": "PYTHON", "code": "1"}},
        )
    )
    assert read_turns[0].content == [
        Image("image/png", "QQ=="),
        Audio("audio/wav", "QQ=="),
        Document("application/pdf", "QQ==", title="n"),
        Document("text/plain", text="ü", title="n"),
        Opaque(blob("video/mp4"), "gemini"),
        Image("image/png", url="https://x/a.png?b"),
        Document("application/pdf", url="https://x/a"),
        Opaque({"executableCode": {"language": "PYTHON", "code": "1"}}, "gemini"),
    ]


def test_base64_in_the_alphabet_for_urls_is_written_as_all_other_vendors_need_it() -> None:
    """google-genai for Python encodes `bytes` that way."""
    raw = bytes([251, 255, 190, 1])
    part = {"inlineData": {"mimeType": "image/png", "data": urlsafe_b64encode(raw).decode()}}
    assert turns(user(part))[0].content == [Image("image/png", b64encode(raw).decode())]


def test_an_image_in_a_functions_result() -> None:
    response = {
        "name": "f",
        "response": {"output": "see"},
        "parts": [{"inlineData": {"mimeType": "image/png", "data": "QQ=="}}],
    }
    read_turns = turns(model({"functionCall": {"name": "f"}}), user({"functionResponse": response}))
    assert read_turns[1].content == [
        ToolResult("call_1", [Text("see"), Image("image/png", "QQ==")])
    ]


# --- signatures


def test_a_signature_stands_before_the_call_that_it_came_with() -> None:
    read_turns = turns(
        model(
            {"text": "hm", "thought": True},
            {"functionCall": {"name": "f"}, "thoughtSignature": "U0lH"},
            {"functionCall": {"name": "g"}},
            {"functionCall": {"name": "h"}, "thought_signature": "T1RI"},
        )
    )
    assert read_turns[0].content == [
        Thinking("hm", "U0lH", "gemini"),
        ToolUse("call_1", "f", {}),
        ToolUse("call_2", "g", {}),
        Thinking("", "T1RI", "gemini"),
        ToolUse("call_3", "h", {}),
    ]
    assert turns(model({"text": "hi", "thoughtSignature": "U0lH"}))[0].content == [Text("hi")]


@pytest.mark.parametrize("url_alphabet", [False, True])
def test_a_foreign_signature_comes_back_as_it_was(url_alphabet: bool) -> None:
    for signature in ("EqoB+/==", "a?b>c~~~~", "x"):
        kept = seal(signature, "claude")
        assert kept != signature
        if url_alphabet:
            kept = kept.replace("+", "-").replace("/", "_").rstrip("=")
        assert is_foreign(kept)
        assert unseal(kept) == (signature, "claude")
    assert seal("U0lH", "gemini") == "U0lH"
    assert unseal("U0lH") == ("U0lH", "gemini")
    assert not is_foreign("U0lH")


def test_a_foreign_thought_and_its_signature_are_one_again() -> None:
    kept = seal("sig", "claude")
    read_turns = turns(
        model(
            {"text": "hm", "thought": True},
            {"text": "", "thought": True, "thoughtSignature": kept},
            {"functionCall": {"name": "f"}},
        )
    )
    assert read_turns[0].content[0] == Thinking("hm", "sig", "claude")


def test_a_foreign_signature_never_becomes_that_of_a_thought_before_it() -> None:
    read_turns = turns(
        model(
            {"text": "hm", "thought": True},
            {"functionCall": {"name": "f"}, "thoughtSignature": seal("sig", "responses")},
        )
    )
    assert read_turns[0].content[:2] == [Thinking("hm"), Thinking("", "sig", "responses")]


# --- tools and settings


def test_declarations_in_both_kinds_of_schema() -> None:
    parameters = {
        "type": "OBJECT",
        "properties": {
            "type": {"type": "STRING", "nullable": True, "min_length": "2"},
            "n": {"any_of": [{"type": "INTEGER"}, {"type": "ARRAY", "items": {"type": "NUMBER"}}]},
        },
        "propertyOrdering": ["type"],
        "required": ["type"],
    }
    schema = {"type": "object", "properties": {"TYPE": {"type": "string"}}}
    conversation = read(
        tools=[
            {"functionDeclarations": [{"name": "f", "description": "F", "parameters": parameters}]},
            {"function_declarations": [{"name": "g", "parameters_json_schema": schema}]},
            {"google_search": {}, "codeExecution": None},
        ]
    )
    assert conversation.tools == [
        Tool(
            "f",
            "F",
            {
                "type": "object",
                "properties": {
                    "type": {"type": ["string", "null"], "minLength": 2},
                    "n": {
                        "anyOf": [
                            {"type": "integer"},
                            {"type": "array", "items": {"type": "number"}},
                        ]
                    },
                },
                "required": ["type"],
            },
        ),
        Tool("g", "", schema),
        Tool("googleSearch", raw={"google_search": {}}),
    ]


@pytest.mark.parametrize(
    ("mode", "names", "choice", "left"),
    [
        ("NONE", [], ToolChoice("none"), "fgh"),
        ("AUTO", [], ToolChoice("auto"), "fgh"),
        ("ANY", [], ToolChoice("any"), "fgh"),
        ("any", ["g"], ToolChoice("tool", "g"), "fgh"),
        ("ANY", ["g", "f"], ToolChoice("any"), "fg"),
        ("ANY", ["unknown"], ToolChoice("any"), "fgh"),
        ("VALIDATED", ["h"], ToolChoice("auto"), "h"),
    ],
)
def test_tool_choice(mode: str, names: list[str], choice: ToolChoice, left: str) -> None:
    conversation = read(
        tools=[{"functionDeclarations": [{"name": name} for name in "fgh"]}],
        toolConfig={"functionCallingConfig": {"mode": mode, "allowedFunctionNames": names}},
    )
    assert conversation.tool_choice == choice
    assert [tool.name for tool in conversation.tools] == list(left)


def test_settings() -> None:
    config = {
        "temperature": 2,
        "top_p": 0.5,
        "topK": 40.0,
        "maxOutputTokens": 100,
        "stop_sequences": ["END"],
        "seed": 7,
        "presencePenalty": 0.1,
        "frequencyPenalty": -0.1,
        "candidateCount": 3,
        "responseLogprobs": True,
        "mediaResolution": None,
    }
    conversation = read(generationConfig=config, safetySettings=[{}], cached_content="c")
    assert conversation.temperature == 2
    assert (conversation.top_p, conversation.top_k, conversation.max_tokens) == (0.5, 40, 100)
    assert (conversation.stop, conversation.seed) == (["END"], 7)
    assert (conversation.presence_penalty, conversation.frequency_penalty) == (0.1, -0.1)
    assert conversation.notes == [
        "fields left out: safetySettings, cachedContent, generationConfig.responseLogprobs",
        "candidateCount 3 → 1",
    ]


@pytest.mark.parametrize(
    ("thinking", "reasoning"),
    [
        ({"thinkingBudget": -1}, Reasoning("adaptive")),
        ({"thinkingBudget": 0, "includeThoughts": True}, Reasoning("off")),
        ({"thinking_budget": 512}, Reasoning("on", 512)),
        ({"thinkingLevel": "HIGH"}, Reasoning("adaptive", effort="high")),
        ({"includeThoughts": True}, Reasoning("adaptive")),
        ({"includeThoughts": False}, None),
        ({}, None),
    ],
)
def test_thinking(thinking: dict[str, Any], reasoning: Reasoning | None) -> None:
    assert read(generationConfig={"thinkingConfig": thinking}).reasoning == reasoning


@pytest.mark.parametrize(
    ("config", "schema"),
    [
        ({"responseMimeType": "application/json"}, {"type": "object"}),
        ({"responseMimeType": "text/plain"}, None),
        ({"responseSchema": {"type": "STRING", "enum": ["A"]}}, {"type": "string", "enum": ["A"]}),
        ({"response_json_schema": {"type": "array"}}, {"type": "array"}),
    ],
)
def test_the_replys_schema(config: dict[str, Any], schema: Any) -> None:
    assert read(generationConfig=config).output_schema == schema


# --- counts, embeddings, models


def test_a_count_may_wrap_a_request() -> None:
    inner = {"contents": [HELLO], "systemInstruction": {"parts": [{"text": "s"}]}}
    body = {"generateContentRequest": inner}
    gemini.check_request(body, Operation.COUNT_TOKENS)
    assert gemini.read_request(body).system == [Text("s")]
    with pytest.raises(BadRequestError, match=r"generateContentRequest\.contents"):
        gemini.check_request({"generateContentRequest": {"tools": []}}, Operation.COUNT_TOKENS)
    with pytest.raises(BadRequestError, match="contents"):
        gemini.check_request(body)
    gemini.retarget(body, "m")
    assert body["generateContentRequest"]["model"] == "models/m"
    assert "model" not in inner
    assert gemini.write_token_count(5) == {"totalTokens": 5}
    assert gemini.read_token_count({"totalTokens": 5}) == 5


def test_embeddings() -> None:
    one = {"content": {"parts": [{"text": "a"}, {"text": "b"}]}, "task_type": "X", "title": "t"}
    gemini.check_request(one, Operation.EMBED)
    embedding = embeddings.read_embedding(one)
    assert (embedding.inputs, embedding.task, embedding.title) == (["a\nb"], "X", "t")
    many = {"requests": [{**one, "outputDimensionality": 8}, {"content": {"parts": {"text": "c"}}}]}
    gemini.check_request(many, Operation.EMBED)
    embedding = embeddings.read_embedding(many)
    assert (embedding.inputs, embedding.dimensions) == (["a\nb", "c"], 8)
    assert embedding.notes
    embedding.model = "e"
    written = embeddings.write_embedding(embedding)
    assert written["requests"][1] == {
        "model": "models/e",
        "content": {"parts": [{"text": "c"}]},
        "taskType": "X",
        "title": "t",
        "outputDimensionality": 8,
    }
    vectors = embeddings.read_vectors({"embeddings": [{"values": [1, 0.5]}]})
    assert vectors == Vectors([[1.0, 0.5]])
    asked = gemini.read_asked(one, address("embedContent"))
    assert embeddings.write_vectors(vectors, asked) == {"embedding": {"values": [1.0, 0.5]}}
    asked = gemini.read_asked(many, address("batchEmbedContents"))
    assert embeddings.write_vectors(vectors, asked) == {"embeddings": [{"values": [1.0, 0.5]}]}
    junks: list[dict[str, Any]] = [{}, {"embeddings": []}]
    junks += [{"embeddings": [{}]}, {"embedding": {"values": ["x"]}}]
    for junk in junks:
        with pytest.raises(ValueError, match="the upstream's reply"):
            embeddings.read_vectors(junk)
    embedding.inputs = [[1, 2]]
    with pytest.raises(BadRequestError, match="token ids"):
        embeddings.write_embedding(embedding)


def test_models_are_described() -> None:
    card = ModelCard("qwen3:8b", context_window=1000, max_output_tokens=10)
    listing = gemini.describe(
        Address(Route("GET", "/v1beta/models", Operation.LIST_MODELS)), [card, ModelCard("b")]
    )
    assert [model["name"] for model in listing["models"]] == ["models/qwen3:8b", "models/b"]
    assert gemini.read_models(listing) == ["qwen3:8b", "b"]
    route = next(one for one in gemini.routes if one.operation is Operation.DESCRIBE_MODEL)
    described = gemini.describe(Address(route), [card])
    assert described == listing["models"][0]
    assert (described["inputTokenLimit"], described["outputTokenLimit"]) == (1000, 10)
    assert "generateContent" in described["supportedGenerationMethods"]


# --- whatever comes

FULL: dict[str, Any] = {
    "systemInstruction": {"parts": [{"text": "s"}]},
    "contents": [
        HELLO,
        model(
            {"text": "t", "thought": True, "thoughtSignature": "U0lH"},
            {"text": "x"},
            {"functionCall": {"id": "i", "name": "f", "args": {"a": 1}}, "thoughtSignature": "QQ"},
            {"executableCode": {"code": "1"}},
        ),
        user(
            {
                "functionResponse": {
                    "id": "i",
                    "name": "f",
                    "response": {"output": "r"},
                    "parts": [{"inlineData": {"mimeType": "image/png", "data": "QQ=="}}],
                }
            },
            {"inlineData": {"mimeType": "text/plain", "data": "QQ==", "displayName": "n"}},
            {"fileData": {"fileUri": "https://x", "mimeType": "application/pdf"}},
        ),
    ],
    "tools": [
        {
            "functionDeclarations": [
                {
                    "name": "f",
                    "description": "d",
                    "parameters": {
                        "type": "OBJECT",
                        "properties": {"a": {"type": "ARRAY", "items": {"type": "STRING"}}},
                        "required": ["a"],
                    },
                }
            ],
            "googleSearch": {},
        }
    ],
    "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f"]}},
    "generationConfig": {
        "temperature": 0.5,
        "topK": 4,
        "maxOutputTokens": 5,
        "stopSequences": ["x"],
        "seed": 1,
        "responseMimeType": "application/json",
        "responseSchema": {"type": "OBJECT"},
        "thinkingConfig": {"thinkingBudget": 5, "includeThoughts": True},
        "candidateCount": 1,
    },
    "generateContentRequest": {"contents": []},
    "requests": [{}],
}
EMBED: dict[str, Any] = {
    "requests": [
        {"content": {"parts": [{"text": "a"}]}, "outputDimensionality": 3, "taskType": "X"},
    ]
}
JUNK: list[Any] = [
    *(None, True, 0, 7, -1.5, 1e400, "text", "", "http://["),
    *([], [None], ["x"], [[]], {}, {"type": 3}, {"parts": 3}, [{}]),
]


def spoiled(good: Any) -> Iterator[Any]:
    """Give copies in which one part is replaced by junk, for every part."""
    paths: list[tuple[Any, ...]] = []

    def walk(node: Any, path: tuple[Any, ...]) -> None:
        paths.append(path)
        if isinstance(node, dict | list):
            for key, value in node.items() if isinstance(node, dict) else enumerate(node):
                walk(value, (*path, key))

    walk(good, ())
    for path in paths[1:]:
        for junk in JUNK:
            bad = deepcopy(good)
            place = bad
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = deepcopy(junk)
            yield bad


RULES = Rules(
    replacements=(("a", "b"),),
    inject="inject",
    replace=True,
    inject_always=True,
    tool_filter=("g*",),
    temperature_ratio=0.5,
)


@pytest.mark.parametrize("operation", [Operation.GENERATE, Operation.COUNT_TOKENS])
def test_junk_is_refused_or_read_and_nothing_else(operation: Operation) -> None:
    refused = 0
    wrapped = {"generateContentRequest": FULL}
    good = FULL if operation is Operation.GENERATE else wrapped
    method = "streamGenerateContent" if operation is Operation.GENERATE else "countTokens"
    for body in spoiled(good):
        try:
            gemini.check_request(body, operation)
            gemini.read_asked(body, address(method))
            gemini.apply_rules(body, RULES)
            gemini.apply_rules(body, replace(RULES, position="user"))
            conversation = gemini.read_request(body)
        except BadRequestError as error:
            refused += bool(error.field)
        else:
            gemini.write_request(conversation, Profile(protocol="gemini"))
        try:
            gemini.check_request(body, operation)
        except BadRequestError:
            continue
        gemini.retarget(body, "m")
    assert refused > 50


def test_junk_embeddings_are_refused_or_read() -> None:
    for body in [*spoiled(EMBED), *spoiled(EMBED["requests"][0])]:
        try:
            gemini.check_request(body, Operation.EMBED)
            embedding = embeddings.read_embedding(body)
        except BadRequestError:
            continue
        assert embedding.inputs


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner: (
    st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["contents", "parts", "text", "role", "functionCall", "name", "tools"]),
        inner,
        max_size=4,
    )
)))  # fmt: skip
def test_any_json_is_refused_or_read(body: Any) -> None:
    for operation in (Operation.GENERATE, Operation.COUNT_TOKENS, Operation.EMBED):
        try:
            gemini.check_request(body, operation)
            if operation is Operation.EMBED:
                embeddings.read_embedding(body)
            else:
                gemini.read_request(body)
        except BadRequestError:
            pass


def test_a_schema_without_end_is_cut() -> None:
    deep: dict[str, Any] = {"type": "STRING"}
    for _ in range(900):
        deep = {"type": "ARRAY", "items": deep}
    tools = [{"functionDeclarations": [{"name": "f", "parameters": deep}]}]
    assert read(tools=tools).tools[0].schema["type"] == "array"
