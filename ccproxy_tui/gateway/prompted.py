"""A reply in which tools are called in words: its calls are read, and asked for again if need be."""

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Final

from ccproxy_tui.compat.offer import Offer
from ccproxy_tui.compat.reply import PromptedReply
from ccproxy_tui.compat.request import ask_again
from ccproxy_tui.gateway.delivery import Events
from ccproxy_tui.gateway.errors import UpstreamError
from ccproxy_tui.gateway.passage import Passage
from ccproxy_tui.gateway.reply_events import characters
from ccproxy_tui.protocols.hub import Conversation, Event, ReplyError

_MOST_BEYOND: Final = 4_000
"""Characters that are read of a reply of which nothing counts any more, for the sake of its end,
which says what it has cost."""


async def prompted(
    passage: Passage,
    conversation: Conversation,
    offer: Offer,
    ask: Callable[[], Events],
) -> Events:
    """Give the events for the client; `ask` sends the conversation as it then is.

    A model whose call cannot be read is shown what is wrong, where the settings want that. What it
    cannot mend is text in the end.
    """
    again = passage.snapshot.settings.ask_again
    maker, whole = passage.record.upstream_protocol, passage.stream is None
    reply = PromptedReply(offer, again=again, maker=maker, whole=whole)
    async for some in _read(reply, ask()):
        yield some
        if isinstance(some[-1], ReplyError):
            return
    if not reply.wants_again:
        _note_text(passage, reply)
        return
    problem = reply.problem
    assert problem is not None
    passage.record.notes.append(f"the model was asked again: {problem.words}")
    ask_again(conversation, reply)
    reply.begin_again()
    passage.repeats(reply.before)
    said = False
    try:
        async for some in _read(reply, ask()):
            if isinstance(error := some[0], ReplyError) and not said:
                failed = error.message
                break
            said = True
            yield some
        else:
            _note_text(passage, reply)
            return
    except UpstreamError as error:
        if said:
            raise
        failed = error.failure.message
    passage.repeat_failed(failed)
    yield reply.give_up()
    _note_text(passage, reply)


async def _read(reply: PromptedReply, events: Events) -> AsyncIterator[list[Event]]:
    """Read a reply to its end, or until it has gone on for long without being of use."""
    beyond = 0
    async with aclosing(events):
        async for some in events:
            if reply.over:
                beyond += characters(some)
            if isinstance(error := some[-1], ReplyError):
                yield [*reply.feed(some[:-1]), error]
                return
            if out := reply.feed(some):
                yield out
            if beyond > _MOST_BEYOND:
                break
    if not reply.wants_again and not reply.ended:
        yield reply.stop()


def _note_text(passage: Passage, reply: PromptedReply) -> None:
    problem = reply.problem or (reply.first_problem if reply.left_as_text else None)
    if problem is not None:
        passage.record.notes.append(f"a tool call was passed on as text: {problem.words}")
