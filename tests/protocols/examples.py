"""A request, a whole reply and the events of a stream, in every protocol, with a bit of everything."""

from typing import Any

REQUESTS: dict[str, dict[str, Any]] = {
    "claude": {
        "model": "m",
        "max_tokens": 9,
        "system": [{"type": "text", "text": "s", "cache_control": {"type": "ephemeral"}}],
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "a"}]},
            {
                "role": "assistant",
                "content": [{"type": "tool_use", "id": "t", "name": "A", "input": {"x": 1}}],
            },
            {
                "role": "user",
                "content": [
                    {
                        "type": "tool_result",
                        "tool_use_id": "t",
                        "content": [
                            {
                                "type": "image",
                                "source": {"type": "base64", "media_type": "i/p", "data": "A"},
                            },
                            {"type": "document", "source": {"type": "text", "data": "A"}},
                            {"type": "tool_reference", "tool_name": "B"},
                        ],
                    }
                ],
            },
        ],
        "tools": [
            {"name": "A", "input_schema": {"type": "object", "properties": {"x": {"type": "any"}}}},
            {"name": "B", "defer_loading": True},
        ],
        "tool_choice": {"type": "tool", "name": "A"},
        "thinking": {"type": "enabled", "budget_tokens": 5},
        "output_config": {"effort": "high", "format": {"type": "json_schema", "schema": {}}},
        "metadata": {"user_id": '{"session_id":"s"}'},
        "temperature": 0.5,
        "stop_sequences": ["x"],
    },
    "openai": {
        "model": "m",
        "messages": [
            {"role": "system", "content": "s"},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "a"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}},
                    {"type": "file", "file": {"file_data": "data:a/b;base64,AA"}},
                ],
            },
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {"id": "t", "type": "function", "function": {"name": "A", "arguments": "{}"}}
                ],
            },
            {"role": "tool", "tool_call_id": "t", "content": [{"type": "text", "text": "r"}]},
        ],
        "tools": [
            {"type": "function", "function": {"name": "A", "parameters": {"type": "object"}}}
        ],
        "tool_choice": {"type": "function", "function": {"name": "A"}},
        "max_completion_tokens": 5,
        "response_format": {"type": "json_schema", "json_schema": {"schema": {}}},
        "reasoning_effort": "low",
        "temperature": 0.5,
        "stop": ["x"],
    },
    "responses": {
        "model": "m",
        "instructions": "s",
        "input": [
            {"role": "developer", "content": "d"},
            {
                "type": "message",
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "a"},
                    {"type": "input_image", "image_url": "data:image/png;base64,AA"},
                    {"type": "input_file", "file_data": "data:a/b;base64,AA", "filename": "f"},
                ],
            },
            {
                "type": "reasoning",
                "id": "rs",
                "summary": [{"type": "summary_text", "text": "t"}],
                "encrypted_content": "e",
            },
            {"type": "function_call", "call_id": "t", "name": "A", "arguments": "{}"},
            {
                "type": "function_call_output",
                "call_id": "t",
                "output": [{"type": "input_text", "text": "r"}],
            },
            {"type": "custom_tool_call", "call_id": "u", "name": "B", "input": "x"},
            {"type": "custom_tool_call_output", "call_id": "u", "output": "y"},
        ],
        "tools": [
            {"type": "function", "name": "A", "parameters": {"type": "object"}},
            {"type": "custom", "name": "B", "format": {"type": "grammar", "definition": "g"}},
            {"type": "namespace", "name": "n", "tools": [{"type": "function", "name": "C"}]},
            {"type": "web_search"},
        ],
        "tool_choice": {"type": "function", "name": "A"},
        "max_output_tokens": 50,
        "reasoning": {"effort": "low", "summary": "auto"},
        "text": {"format": {"type": "json_schema", "name": "n", "schema": {}}},
        "temperature": 0.5,
        "metadata": {"a": "b"},
    },
    "gemini": {
        "systemInstruction": {"parts": [{"text": "s"}]},
        "contents": [
            {"role": "user", "parts": [{"text": "a"}]},
            {
                "role": "model",
                "parts": [
                    {"text": "t", "thought": True, "thoughtSignature": "U0lH"},
                    {
                        "functionCall": {"id": "i", "name": "A", "args": {"a": 1}},
                        "thoughtSignature": "QQ==",
                    },
                ],
            },
            {
                "role": "user",
                "parts": [
                    {
                        "functionResponse": {
                            "id": "i",
                            "name": "A",
                            "response": {"output": "r"},
                            "parts": [{"inlineData": {"mimeType": "image/png", "data": "QQ=="}}],
                        }
                    },
                    {"fileData": {"fileUri": "https://x", "mimeType": "application/pdf"}},
                ],
            },
        ],
        "tools": [
            {
                "functionDeclarations": [
                    {"name": "A", "description": "d", "parameters": {"type": "OBJECT"}}
                ],
                "googleSearch": {},
            }
        ],
        "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["A"]}},
        "generationConfig": {
            "temperature": 0.5,
            "topK": 4,
            "maxOutputTokens": 5,
            "stopSequences": ["x"],
            "responseMimeType": "application/json",
            "responseSchema": {"type": "OBJECT"},
            "thinkingConfig": {"thinkingBudget": 5, "includeThoughts": True},
        },
    },
    "ollama": {
        "model": "m",
        "messages": [
            {"role": "system", "content": "s"},
            {"role": "user", "content": "a", "images": ["iVBORw0K"]},
            {
                "role": "assistant",
                "content": "",
                "thinking": "t",
                "tool_calls": [{"id": "i", "function": {"name": "A", "arguments": {"x": 1}}}],
            },
            {"role": "tool", "tool_name": "A", "content": "r"},
        ],
        "tools": [
            {"type": "function", "function": {"name": "A", "parameters": {"type": "object"}}}
        ],
        "options": {"temperature": 0.5, "num_predict": 5, "stop": ["x"], "num_ctx": 9},
        "think": "low",
        "format": {"type": "object", "properties": {"a": {"type": "string"}}},
    },
}
REPLIES: dict[str, list[dict[str, Any]]] = {
    "claude": [
        {
            "id": "m",
            "model": "m",
            "content": [
                {"type": "text", "text": "t"},
                {"type": "tool_use", "id": "t", "name": "A", "input": {"x": 1}},
            ],
            "stop_reason": "tool_use",
            "usage": {"input_tokens": 1, "output_tokens": 1},
        }
    ],
    "openai": [
        {
            "id": "m",
            "model": "m",
            "choices": [
                {
                    "message": {
                        "content": [{"type": "thinking", "thinking": [{"text": "x"}]}],
                        "reasoning_content": "r",
                        "tool_calls": [
                            {"index": 0, "id": "t", "function": {"name": "A", "arguments": "{}"}}
                        ],
                    },
                    "finish_reason": "stop",
                }
            ],
            "usage": {"prompt_tokens": 1, "prompt_tokens_details": {"cached_tokens": 1}},
        }
    ],
    "responses": [
        {
            "id": "m",
            "model": "m",
            "status": "completed",
            "output": [
                {
                    "type": "reasoning",
                    "id": "rs",
                    "summary": [{"type": "summary_text", "text": "t"}],
                    "encrypted_content": "e",
                },
                {"type": "message", "content": [{"type": "output_text", "text": "x"}]},
                {"type": "function_call", "call_id": "t", "name": "A", "arguments": "{}"},
            ],
            "usage": {"input_tokens": 1, "input_tokens_details": {"cached_tokens": 1}},
        }
    ],
    "gemini": [
        {
            "responseId": "m",
            "modelVersion": "m",
            "candidates": [
                {
                    "content": {
                        "parts": [
                            {"text": "t", "thought": True},
                            {"text": "x"},
                            {
                                "functionCall": {"name": "A", "args": {"x": 1}},
                                "thoughtSignature": "QQ==",
                            },
                        ]
                    },
                    "finishReason": "STOP",
                }
            ],
            "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 1},
        }
    ],
    "ollama": [
        {
            "model": "m",
            "message": {
                "role": "assistant",
                "content": "x",
                "thinking": "t",
                "tool_calls": [{"function": {"name": "A", "arguments": {"x": 1}}}],
            },
            "done": True,
            "done_reason": "stop",
            "prompt_eval_count": 1,
            "eval_count": 1,
        }
    ],
}
EVENTS: dict[str, list[dict[str, Any]]] = {
    "claude": [
        {"type": "message_start", "message": {"id": "i", "usage": {"input_tokens": 1}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "x"}},
        {
            "type": "content_block_start",
            "index": 1,
            "content_block": {"type": "tool_use", "id": "i", "name": "A"},
        },
        {
            "type": "content_block_delta",
            "index": 1,
            "delta": {"type": "input_json_delta", "partial_json": "{}"},
        },
        {"type": "message_delta", "delta": {"stop_reason": "stop_sequence"}, "usage": {}},
        {"type": "error", "error": {"type": "t", "message": "m"}},
    ],
    "openai": [
        {"choices": [{"delta": {"content": "x", "reasoning": "y"}, "finish_reason": None}]},
        {
            "choices": [
                {"delta": {"tool_calls": [{"index": 0, "id": "i", "function": {"name": "A"}}]}}
            ]
        },
        {"choices": [{"delta": {}, "finish_reason": "stop", "stop_reason": "x"}]},
        {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1}},
        {"error": {"message": "m", "code": 5, "metadata": {"raw": "r"}}},
    ],
    "responses": [
        {"type": "response.created", "response": {"id": "i", "model": "m", "output": []}},
        {
            "type": "response.output_item.added",
            "output_index": 0,
            "item": {"id": "msg", "type": "message"},
        },
        {"type": "response.output_text.delta", "item_id": "msg", "output_index": 0, "delta": "x"},
        {
            "type": "response.output_item.added",
            "output_index": 1,
            "item": {"id": "fc", "type": "function_call", "call_id": "t", "name": "A"},
        },
        {
            "type": "response.function_call_arguments.delta",
            "item_id": "fc",
            "output_index": 1,
            "delta": "{}",
        },
        {
            "type": "response.completed",
            "response": {"status": "completed", "usage": {"input_tokens": 1}, "output": []},
        },
        {"type": "error", "message": "m", "code": "c"},
    ],
    "gemini": [
        {"candidates": [{"content": {"parts": [{"text": "x", "thought": True}]}}]},
        {
            "candidates": [
                {"content": {"parts": [{"functionCall": {"name": "A", "args": {"a": 1}}}]}}
            ]
        },
        {"candidates": [{"finishReason": "STOP"}], "usageMetadata": {"promptTokenCount": 1}},
        {"error": {"code": 500, "message": "m", "status": "INTERNAL"}},
    ],
    "ollama": [
        {"model": "m", "message": {"content": "x", "thinking": "t"}, "done": False},
        {"message": {"tool_calls": [{"function": {"name": "A", "arguments": {}}}]}, "done": False},
        {"message": {"content": ""}, "done": True, "done_reason": "stop", "eval_count": 1},
        {"error": "m"},
    ],
}
