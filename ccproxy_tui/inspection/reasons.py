"""Why a request was changed on its way upstream: what is on record of the call, put to each change.

Rules, profiles and writers leave notes on a call. A change that nobody has noted follows from the
two protocols alone, or it has no reason: that is for the reader to know.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from ccproxy_tui.inspection.difference import Piece
from ccproxy_tui.protocols.profiles import plain_name

_ATTRIBUTION: Final = "x-anthropic-billing-header"
_SYSTEM: Final = frozenset({"system", "instructions", "systeminstruction"})
_TOOLS: Final = frozenset({"tools", "functions"})
_CHOICE: Final = frozenset({"tool_choice", "toolconfig", "functioncall", "paralleltoolcalls"})
_MESSAGES: Final = frozenset({"messages", "contents", "input", "prompt"})
_SYSTEM_MESSAGE: Final = re.compile(r"\] (system|developer)$")
_HEAD: Final = re.compile(r"[^\[]*")
_RULES: Final = ("prompt ", "system prompt:", "tools removed:")
"""How the notes of a group's rules begin, and no others."""
_TOKENS: Final = re.compile(r"[\w.]+")
_IN_WORDS: Final = "tool compatibility mode:"
_JSON_IN_WORDS: Final = ("Reply with one JSON object", "Reply with JSON")

_TEXT_ONLY: Final = "the target takes text only in a tool's result: the rest follows it"
_NO_FLAG: Final = "{upstream} has no flag for a tool that failed: its result says so"
_LENGTH: Final = re.compile(r"\((\d+) characters\)$")
_CALLS: Final = re.compile(r'"(call|result_of|arguments)": ')

_MARKS: Final[dict[str, str]] = {
    "This call was interrupted and has no result.": "unanswered tool calls closed",
    "Result of an earlier tool call:": "it answers no call of the message before: it is said as text",
    "(The conversation goes on.)": "{upstream} wants the user to speak first",
    "<system-reminder>": "the target takes no system message in mid-conversation",
    "Attachment of tool result": _TEXT_ONLY,
    "(see the attachment that follows)": _TEXT_ONLY,
    "(no output)": "{upstream} takes no empty result of a tool",
    "Error: ": _NO_FLAG,
    "malformed_arguments": "a call's arguments have to be an object",
    "an image was here": "replaced by a note",
    "a sound was here": "replaced by a note",
    "a document was here": "replaced by a note",
    "a block of type": "replaced by a note",
    "[called ": "tool calls said as text",
    "<cs:error>": "the model was asked again",
    "(thinking of another model)": "the vendor takes back only thinking that is its own",
    "No tools are available for this.": "tools removed",
}
"""What is written in place of what cannot be sent: the reason, or the beginning of its note."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is on record of a call."""

    client: str
    """The client's protocol."""
    upstream: str
    """The target's."""
    routing: str
    """Which alias of which group led to which target."""
    group: str
    notes: tuple[str, ...]
    converted: bool
    rewritten: bool = False
    """Whether the messages were read and written anew, be it in the same protocol."""

    @property
    def in_words(self) -> str:
        """The note of tools that are put into words; empty if they are not."""
        return next(self.about(_IN_WORDS), "")

    def about(self, *words: str) -> Iterator[str]:
        """Give the notes that hold one of these words."""
        return (note for note in self.notes if any(word in note for word in words))

    def told(self, reason: str) -> str:
        """Give a reason; one that is a rule's says whose."""
        return f"{reason}, by the group {self.group}" if reason.startswith(_RULES) else reason


def why(piece: Piece, known: Known) -> str:
    """Say why a part of a request was changed; empty when no reason is on record."""
    head = _HEAD.match(piece.place)
    name = plain_name(head[0] if head else "")
    if name == "model":
        return known.routing
    for names, reasons in _ASPECTS:
        if name in names:
            if names is _MESSAGES and _SYSTEM_MESSAGE.search(piece.place):
                reasons = _system
            found = reasons(piece, known)
            break
    else:
        found = _field(piece, known, head[0] if head else "")
    return "; ".join(dict.fromkeys(known.told(one) for one in found if one))


def _system(piece: Piece, known: Known) -> Iterator[str]:
    removed, added = "\n".join(piece.removed), "\n".join(piece.added)
    if _ATTRIBUTION in removed and _ATTRIBUTION not in added:
        yield (
            "Claude Code's note to its own vendor: it is no prompt, and as it changes from call to"
            " call it would spoil the cache of any other"
        )
        removed = "\n".join(line for line in piece.removed if _ATTRIBUTION not in line).strip()
    if any(mark in added for mark in _JSON_IN_WORDS):
        yield from known.about("JSON schema is said in words")
        if not any(known.about("JSON schema is said in words")):
            yield "the reply's form is said in words, as the target insists on it beside its field"
    if "<cs:tool-guide>" in added or "<cs:tools>" in added:
        yield known.in_words
    if removed:
        yield from known.about("system prompt:", "prompt replaced")
        yield from known.about("of the system left out")
    if added:
        prompts = [
            note for note in known.about("prompt added", "prompt replaced") if _fits(note, added)
        ]
        yield from prompts
        if not prompts:
            yield from known.about("system prompt:")
            yield known.in_words


def _fits(note: str, added: str) -> bool:
    """Whether a group's text can be among what was added, by its length and its place."""
    length = _LENGTH.search(note)
    fits = length is None or int(length[1]) <= len(added) or added.strip().endswith(("[", "]"))
    return "user message (" not in note and fits


def _tools(piece: Piece, known: Known) -> Iterator[str]:
    removed, added = "\n".join(piece.removed), "\n".join(piece.added)
    named = piece.place.partition("] ")[2]
    gone = bool(removed) and not added and ('"name"' in removed or "[" not in piece.place)
    if gone:
        yield from _names(named, known.about("tools removed:", "server tools left out:"), piece)
        yield from known.about("tools left out:", "model calls no functions")
        yield known.in_words
        return
    if '"strict"' in removed:
        yield from known.about("strict left out of tools")
        if not any(known.about("strict left out of tools")):
            yield (
                "strict is asked for only where the schema meets all of its conditions"
                if known.upstream in ("openai", "responses")
                else f"{known.upstream} has no strict tools"
            )
    if known.rewritten and ('"server_tool"' in removed or '"server_tool"' in added):
        yield from known.about("server tools")
    if known.rewritten and _left([*piece.removed, *piece.added], '"strict"'):
        yield f"the schema is written with the keywords that {known.upstream} takes"


def _names(named: str, notes: Iterable[str], piece: Piece) -> Iterator[str]:
    """Give the notes that name a tool, or all where the place names none."""
    for note in notes:
        listed = note.partition(": ")[2].split(", ")
        if (
            not named
            or named in listed
            or any(f'"{one}"' in "".join(piece.removed) for one in listed)
        ):
            yield note


def _left(lines: Iterable[str], *without: str) -> bool:
    return any(line.strip() and not any(one in line for one in without) for line in lines)


def _choice(piece: Piece, known: Known) -> Iterator[str]:
    noted = [*known.about("tool_choice", "parallel tool calls", "single tool call")]
    if not noted and piece.removed and not piece.added:
        noted = [
            *known.about("tools removed:", "model calls no functions", "server tools left out"),
            known.in_words,
        ]
    yield from noted
    if known.rewritten and not any(noted):
        yield f"{known.upstream} chooses so by itself, or has no word for it"


def _messages(piece: Piece, known: Known) -> Iterator[str]:
    removed, added = "\n".join(piece.removed), "\n".join(piece.added)
    if added:
        yield from known.about("prompt added to the last user message")
    marks = {mark: said for mark, said in _MARKS.items() if mark in added and mark not in removed}
    noted = [note for said in marks.values() for note in known.about(said)]
    noted += [*_thinking(removed, added, known), *_kinds(removed, added, known)]
    if "tool_reference" in removed:
        noted += known.about("tools removed:")
    yield from noted
    if known.in_words and (not noted or "<cs:" in added or _CALLS.search(removed)):
        yield known.in_words
    elif known.rewritten:
        yield from (
            said.format(upstream=known.upstream)
            for said in marks.values()
            if not any(known.about(said))
        )
        yield from _forms(removed, added, known)


def _forms(removed: str, added: str, known: Known) -> Iterator[str]:
    """Say what follows from the upstream's protocol alone."""
    if '"failed": true' in removed:
        yield _NO_FLAG.format(upstream=known.upstream)
    if '"image"' in removed and '"image"' not in added and not any(known.about("image")):
        yield _TEXT_ONLY
    if '"document"' in removed and '"document"' not in added and not any(known.about("document")):
        yield f"a document's text is said as such in {known.upstream}"
    if '"title": ' in removed + added and '"document": ' not in removed + added:
        yield (
            f"a document has a name in {known.upstream}"
            if added
            else (f"{known.upstream} has no names of documents")
        )
    if _words(removed) == _words(added):
        yield "nothing but space between its parts"


def _thinking(removed: str, added: str, known: Known) -> Iterator[str]:
    """Say why reasoning, or the proof of it, is not sent back."""
    noted = [*known.about("thinking blocks")]
    if '"thinking"' in removed and '"thinking"' not in added:
        yield from noted or [f"{known.upstream} takes back only thinking of its own"]
    elif '"signed_by"' in removed:
        yield "the signature means something to the vendor that made it, and to no other"
    elif '"redacted_thinking"' in removed:
        yield from noted
    elif not known.rewritten and any(
        mark in removed for mark in ("signature", "reasoning", "thought", "encrypted_content")
    ):
        yield "the vendor takes back only thinking that is its own"


_KINDS: Final[dict[str, tuple[str, ...]]] = {
    '"image"': ("image",),
    '"sound"': ("sound",),
    '"document"': ("document",),
    '"block"': ("blocks ",),
    '"call"': ("tool calls",),
    '"result_of"': ("tool results",),
}


def _kinds(removed: str, added: str, known: Known) -> Iterator[str]:
    """Give the notes of blocks that were replaced or left out."""
    for mark, words in _KINDS.items():
        if mark in removed and mark not in added:
            yield from known.about(*words)


def _words(text: str) -> str:
    return "".join(text.replace('"""', "").replace('"text":', "").split()).strip('"{}[]')


def _field(piece: Piece, known: Known, name: str) -> Iterator[str]:
    """Say why a plain field is another one, or is there no more."""
    plain = plain_name(name)
    noted = [note for note in known.notes if _speaks_of(note, plain)]
    yield from (_of_one(note, known) for note in noted)
    if noted or not known.rewritten:
        return
    whole = all(line.startswith('"') for line in (*piece.removed[:1], *piece.added[:1]))
    if not whole or (piece.removed and piece.added):
        yield _other(name, known)
    elif piece.removed:
        yield _missing(name, "\n".join(piece.removed), known)
    else:
        yield _new(name, known)


def _of_one(note: str, known: Known) -> str:
    """Give a note that may be of several fields as it is true of one of them."""
    if _TOKENS.fullmatch(note):
        return f"{note} is left out: the target refuses the field"
    if note.startswith(("fields left out: ", "options left out: ")):
        return f"{known.upstream} has no such field, or none with that meaning"
    return note.partition(": ")[0] if note.startswith("left out, as ") else note


_SYNONYMS: Final = {
    "outputschema": ("outputschema", "schema", "json"),
    "outputname": ("schema",),
    "outputstrict": ("schema",),
    "generationconfig": (
        "generationconfig", "temperature", "topp", "topk", "seed", "maxoutputtokens", "thinking",
        "candidatecount",
    ),
    "options": ("options", "temperature"),
    "think": ("think", "thinking"),
}  # fmt: skip


def _speaks_of(note: str, plain: str) -> bool:
    if note.startswith(("prompt ", "system prompt:", "tools removed:")):
        return False
    if plain == "reasoning":
        return note.startswith(("thinking ", "reasoning "))
    said = {plain_name(token) for token in _TOKENS.findall(note)}
    said |= {token.partition(".")[0] for token in said if "." in token}
    return any(word in said for word in _SYNONYMS.get(plain, (plain,)))


def _missing(name: str, removed: str, known: Known) -> str:
    if name == "user" and known.upstream in ("openai", "responses"):
        return f"{known.upstream} takes no user of more than 64 characters"
    if name == "stop" and known.upstream == "claude":
        return "claude takes no blank stop sequence"
    if name == "output_schema":
        return "the target binds its reply to no schema: it is said in words"
    if name == "reasoning":
        if '"off"' in removed:
            return "the target is not known to think unless it is asked to"
        return "the target's model thinks by itself: it has no switch, or needs none"
    return f"{known.upstream} has no such field"


def _new(name: str, known: Known) -> str:
    if name == "max_tokens":
        return f"{known.upstream} insists on a limit: it is the most that the target writes"
    if name == "reasoning":
        return "the profile of the target asks for it"
    if name == "store":
        return "responses keeps every reply unless told not to"
    if name == "include":
        return "so that the model's thinking comes in a form that can be sent back"
    if name == "output_name":
        return f"a schema has a name in {known.upstream}"
    return "the profile of the target adds it"


def _other(name: str, known: Known) -> str:
    if name == "reasoning":
        return f"how much to think, in the words that {known.upstream} has for it"
    if name == "output_schema":
        return f"the schema is written with the keywords that {known.upstream} takes"
    return f"written as {known.upstream} takes it"


_Reasons = Callable[[Piece, Known], Iterator[str]]

_ASPECTS: Final[tuple[tuple[frozenset[str], _Reasons], ...]] = (
    (_SYSTEM, _system),
    (_TOOLS, _tools),
    (frozenset(plain_name(name) for name in _CHOICE), _choice),
    (_MESSAGES, _messages),
)
