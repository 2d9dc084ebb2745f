"""Folders of a run."""

from pathlib import Path

import pytest


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """What the proxy keeps its data in."""
    return _made(tmp_path / "ccproxy")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """What the client works in."""
    return _made(tmp_path / "project")


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
