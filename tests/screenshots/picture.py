"""A picture of the screen: SVG without foreign fonts, and PNG from it where Chromium is there."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

HOW_TO_GET_PNG = (
    "PNG pictures need Chromium and Fira Code (Debian: apt install chromium fonts-firacode); "
    "only SVG was written"
)
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
_FONT_FACE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_VIEW_BOX = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
_UNIQUE = re.compile(r"terminal-\d+")
_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Picture:
    """What the screen shows at one moment, as Textual exports it."""

    name: str
    exported: str

    @property
    def svg(self) -> str:
        """The picture with a local font, and without ligatures, which would redraw `>=`."""
        svg = _FONT_FACE.sub("", self.exported)
        svg = _UNIQUE.sub(f"terminal-{self.name}", svg)
        return svg.replace(
            "font-family: Fira Code, monospace;",
            "font-family: Fira Code, monospace; font-variant-ligatures: none;",
        )

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        found = _VIEW_BOX.search(self.exported)
        assert found is not None
        return round(float(found[1])), round(float(found[2]))

    def words(self) -> str:
        """Return what can be read in it, without any blanks."""
        return "".join(re.sub(r"<[^>]*>|&#160;|\s", "", self.exported))


def write(pictures: Iterable[Picture], folder: Path) -> bool:
    """Write SVG, and PNG where that can be; returns whether it could."""
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    can_draw = browser is not None and _has_font()
    for picture in pictures:
        svg = folder / f"{picture.name}.svg"
        svg.write_text(picture.svg, "utf-8")
        if browser is not None and can_draw:
            _draw(browser, picture, svg)
    return can_draw


def _has_font() -> bool:
    if shutil.which("fc-list") is None:
        return False
    listed = subprocess.run(["fc-list", ":family=Fira Code"], capture_output=True, check=False)
    return bool(listed.stdout.strip())


def _draw(browser: str, picture: Picture, svg: Path) -> None:
    width, height = picture.size
    with tempfile.TemporaryDirectory(prefix="ccproxy-browser-") as profile:
        subprocess.run(
            [
                browser,
                *_FLAGS,
                f"--user-data-dir={profile}",
                f"--window-size={width},{height}",
                f"--screenshot={svg.with_suffix('.png')}",
                svg.resolve().as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=_SECONDS,
        )
