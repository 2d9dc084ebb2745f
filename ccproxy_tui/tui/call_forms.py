"""The forms in which a call can be copied."""

from collections.abc import Iterator

from ccproxy_tui.inspection import curl
from ccproxy_tui.inspection.comparison import reply_sections
from ccproxy_tui.inspection.export import facts_json
from ccproxy_tui.inspection.reading import UnreadableError, read_client_reply
from ccproxy_tui.traffic.call import Call, Exchange
from ccproxy_tui.tui.replay_body import laid_out
from ccproxy_tui.tui.screens.copy_as import Form

_NOT_KEPT = "its messages were not kept"


def call_forms(call: Call, exchange: Exchange | None, base_url: str) -> list[Form]:
    """Return all forms, also those that this call does not have, which say why."""
    return [*_of_messages(call, exchange, base_url), *_of_facts(call)]


def _of_messages(call: Call, exchange: Exchange | None, base_url: str) -> Iterator[Form]:
    kept = exchange or Exchange()
    sent, asked = kept.upstream_request, kept.client_request
    nothing = _NOT_KEPT if exchange is None else "nothing went upstream"
    yield (
        Form("curl to the provider", "bash; keys as variables",
             lambda: curl.to_provider(call, sent))
        if sent.head
        else Form("curl to the provider", nothing, None)
    )  # fmt: skip
    if asked.chunks:
        yield Form("curl to ccproxy", "bash; keys as variables",
                   lambda: curl.to_ccproxy(call, asked, base_url))  # fmt: skip
        yield Form("request JSON", "what the client sent", lambda: laid_out(asked.body))
    else:
        missing = _NOT_KEPT if exchange is None else "the request has no body"
        yield Form("curl to ccproxy", missing, None)
        yield Form("request JSON", missing, None)
    said = _reply_text(call, kept)
    if said:
        yield Form("reply text", "what the client was sent", lambda: said)
    else:
        none = "no text has come"
        yield Form("reply text", _NOT_KEPT if exchange is None else none, None)


def _of_facts(call: Call) -> Iterator[Form]:
    yield Form("facts as JSON", "all that is known but the messages", lambda: facts_json(call))
    yield Form("id", str(call.id), lambda: str(call.id))
    session = call.session
    yield Form(
        "session id", session or "it belongs to none", (lambda: session) if session else None
    )


def _reply_text(call: Call, exchange: Exchange) -> str:
    """Return what a reply says; calls of tools are laid out."""
    try:
        reply = read_client_reply(call, exchange)
    except UnreadableError:
        return ""
    blocks = reply_sections(reply)
    if len(blocks) == 1:
        return "\n".join(blocks[0].lines[1:])
    return "\n".join(line for block in blocks for line in block.lines)
