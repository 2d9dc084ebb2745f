"""The signs that forms draw with, also in plain ASCII."""

from dataclasses import dataclass, field

from textual.dom import DOMNode


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One sign for each meaning."""

    here: str = "▸"
    opened: str = "▾"
    changed: str = "●"
    right: str = "✓"
    wrong: str = "✗"
    previous: str = "‹"
    next: str = "›"
    to: str = "→"
    spinner: str = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
    replaced: dict[int, str] = field(default_factory=dict)

    def fix(self, text: str) -> str:
        """Return our own text without signs that cannot be drawn; it keeps its width."""
        return text.translate(self.replaced)


_UNICODE = Glyphs()
_ASCII = Glyphs(
    here=">",
    opened="v",
    changed="*",
    right="ok",
    wrong="!",
    previous="<",
    next=">",
    to="->",
    spinner="|/-\\",
    replaced={ord("…"): "~", ord("•"): "*"},
)


def glyphs(node: DOMNode) -> Glyphs:
    """Return the signs for where `node` is; the app's class `-ascii` asks for ASCII."""
    return _ASCII if node.app.has_class("-ascii") else _UNICODE
