"""`make screenshots`: writes the pictures of `screenshots/` anew."""

import asyncio
import sys
from pathlib import Path

from tests.screenshots.picture import HOW_TO_GET_PNG, write
from tests.screenshots.scenes import take_all

FOLDER = Path(__file__).parents[2] / "screenshots"


def main() -> None:
    pictures = asyncio.run(take_all())
    if not write(pictures, FOLDER):
        print(HOW_TO_GET_PNG, file=sys.stderr)
    print(f"{len(pictures)} pictures in {FOLDER.name}/: {', '.join(p.name for p in pictures)}")


if __name__ == "__main__":
    main()
