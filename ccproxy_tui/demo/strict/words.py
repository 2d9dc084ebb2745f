"""Long lists of names, written as the text that they are."""


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())
