"""A conversation for a model that calls no functions: its tools, and all past calls, in words."""

from ccproxy_tui.compat.history import History
from ccproxy_tui.compat.offer import Offer
from ccproxy_tui.compat.prompt import FORM, say_choice, write_guide
from ccproxy_tui.compat.reply import PromptedReply
from ccproxy_tui.protocols.fitting import say_output_schema
from ccproxy_tui.protocols.hub import Conversation, Text, ToolResult, ToolUse, Turn


def say_tools(conversation: Conversation) -> Offer:
    """Put the tools into the prompt, and past calls and results into words; give what is offered."""
    own = [tool for tool in conversation.tools if tool.raw is None]
    offer = Offer.of(own, conversation.tool_choice)
    others = [tool.name for tool in conversation.tools if tool.raw is not None]
    if others:
        conversation.notes.append("server tools left out: " + ", ".join(others))
    if own or _has_calls(conversation):
        noted = f"{len(own)} tools described in the prompt" if own else "past calls in words"
        conversation.notes.append(f"tool compatibility mode: {noted}")
    conversation.turns = History().say(conversation.turns)
    if own:
        conversation.system = [*conversation.system, Text(write_guide(own))]
        say_output_schema(conversation)
        conversation.output_schema = None  # or it could not call any tool
        if said := say_choice(conversation.tool_choice):
            _say_last(conversation, said)
    conversation.tools, conversation.tool_choice = [], None
    return offer


def ask_again(conversation: Conversation, reply: PromptedReply) -> None:
    """Show the model what it has written, and what is wrong with its call."""
    problem = reply.problem
    if problem is None:
        return
    if reply.forbids_calls:
        how = "Answer with text alone."
    else:
        how = (
            "Write that call once more, complete, with a tool that there is, and nothing else; or "
            f"answer with text alone. A call has this form:\n\n{FORM}"
        )
    before = "The calls before it were received. " if reply.calls else ""
    said = (
        f"<cs:error>Your tool call could not be read: {problem.words}. Nothing of it was carried "
        f"out. {before}{how}</cs:error>"
    )
    conversation.turns = [
        *conversation.turns,
        Turn("assistant", [Text(reply.written)]),
        Turn("user", [Text(said)]),
    ]


def _has_calls(conversation: Conversation) -> bool:
    return any(
        isinstance(block, ToolUse | ToolResult)
        for turn in conversation.turns
        for block in turn.content
    )


def _say_last(conversation: Conversation, words: str) -> None:
    """Say something at the end of the request, where nothing that is cached comes after it."""
    last = conversation.turns[-1] if conversation.turns else None
    if last is not None and last.role == "assistant":  # a beginning that the model shall go on with
        conversation.system = [*conversation.system, Text(words)]
    elif last is not None and last.role == "user":
        last.content.append(Text(words))
    else:
        conversation.turns.append(Turn("user", [Text(words)]))
