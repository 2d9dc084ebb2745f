"""ccproxy-tui: run any agent on any model, configured and watched live from one terminal."""

from importlib.metadata import version

__version__ = version("ccproxy-tui")
