"""What models write, and what must come of it.

Written from the specification and from reports of what models really do, apart from the parser.
"""

from typing import Final

from tests.compat.corpus import (
    bare,
    broken,
    cut,
    fenced,
    functions,
    hermes,
    invoke,
    mistral,
    mixed,
    prose,
    tagged,
    values,
)
from tests.compat.corpus.case import Case

THEMES: Final[dict[str, list[Case]]] = {
    "tagged": tagged.CASES,
    "hermes": hermes.CASES,
    "fenced": fenced.CASES,
    "functions": functions.CASES,
    "invoke": invoke.CASES,
    "mistral": mistral.CASES,
    "bare": bare.CASES,
    "prose": prose.CASES,
    "values": values.CASES,
    "broken": broken.CASES,
    "cut": cut.CASES,
    "mixed": mixed.CASES,
}
"""The cases of each module."""

CASES: Final = [case for cases in THEMES.values() for case in cases]
