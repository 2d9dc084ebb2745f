"""One reply of a model, and what the client must get of it."""

from dataclasses import dataclass

from ccproxy_tui.protocols.hub import JsonObject, StopReason

Call = tuple[str, JsonObject]


@dataclass(frozen=True)
class Case:
    """What a model wrote, and what goes out when it may not be asked again."""

    name: str
    output: str
    text: str
    """All text that goes out, of all blocks."""
    calls: list[Call]
    stop: StopReason = "end_turn"
    """Why the upstream says that it stopped."""
    problem: str = ""
    """A part of the first problem's words; "?" binds no words; nothing when there is none."""
    asks: str = ""
    """The same, of what is a problem only where the model may be asked again."""


def prose(name: str, output: str, stop: StopReason = "end_turn") -> Case:
    """Give a case that is text only, and must go out as it is."""
    return Case(name, output, output, [], stop)


def failing(name: str, output: str, problem: str = "?", stop: StopReason = "end_turn") -> Case:
    """Give a case of one call that is a problem, and must go out as it is."""
    return Case(name, output, output, [], stop, problem)


def read(path: str, **more: object) -> Call:
    """Give a call of Read."""
    return "Read", {"file_path": path, **more}


def write(path: str, content: str) -> Call:
    """Give a call of Write."""
    return "Write", {"file_path": path, "content": content}


def bash(command: str, **more: object) -> Call:
    """Give a call of Bash."""
    return "Bash", {"command": command, **more}
