"""The `ccproxy` command."""

import asyncio
import logging
import logging.handlers
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import click

from ccproxy_tui import __version__
from ccproxy_tui.config.models import Configuration
from ccproxy_tui.config.store import ConfigurationStore, ConflictError
from ccproxy_tui.config.transfer import Import, TransferError, read_toml, write_toml
from ccproxy_tui.migrations import NewerDatabaseError
from ccproxy_tui.paths import Home, HomeInUseError

_LOG_SIZE = 4 * 1024 * 1024

_HOST = click.option("--host", help="Listen on this address instead of the one in the settings.")
_PORT = click.option(
    "--port", type=click.IntRange(0, 65_535), help="Listen on this port; 0 takes any free one."
)


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="ccproxy")
@click.option("--demo", is_flag=True, help="Show the app alive, with scripted traffic only.")
@_HOST
@_PORT
@click.pass_context
def main(context: click.Context, demo: bool, host: str | None, port: int | None) -> None:
    """Run Claude Code and other agents on any model, configured and watched from one terminal.

    Without a command it starts the full-screen app, with the proxy inside.
    """
    if context.invoked_subcommand is not None:
        if demo or host is not None or port is not None:
            raise click.UsageError("put options behind the command that they belong to")
        return
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.ClickException(
            "the full-screen app needs a terminal; `ccproxy serve` runs without one"
        )
    from ccproxy_tui import fullscreen

    if demo:
        _serve(lambda: fullscreen.run_demo(host, port))
    else:
        home = _home()
        _serve(lambda: fullscreen.run(home, host, port))


@main.command()
@_HOST
@_PORT
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")
def serve(host: str | None, port: int | None, as_json: bool) -> None:
    """Run the proxy without a screen, with a line for each call."""
    from ccproxy_tui import headless
    from ccproxy_tui.event_loop import run_on_fast_loop
    from ccproxy_tui.runtime import Overrides, Service

    home = _home()
    service = Service(home, Overrides(host, port))
    _serve(lambda: run_on_fast_loop(headless.serve(service, as_json=as_json)))


@main.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Ask nothing.")
@click.option("--replace", is_flag=True, help="Delete whatever the file does not name.")
def import_(file: Path, yes: bool, replace: bool) -> None:
    """Take over a configuration FILE (TOML): what it names is added or changed."""
    asyncio.run(_import(_home(), file, yes=yes, replace=replace))


@main.command()
@click.option("--secrets", is_flag=True, help="Write API keys and tokens too.")
def export(secrets: bool) -> None:
    """Write the configuration as TOML to standard output."""
    configuration = asyncio.run(_stored(_home()))
    if configuration is None:
        raise click.ClickException("there is no configuration yet; start ccproxy once")
    click.echo(write_toml(configuration, secrets=secrets), nl=False)


@main.command()
@click.argument("model")
@click.option("--group", default="", help="The group that a call would come in by.")
@click.option("--session", default="", help="The session that it would belong to.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def route(model: str, group: str, session: str, as_json: bool) -> None:
    """Say who would answer a call for MODEL now, and why. Nothing is sent."""
    from ccproxy_tui import dry_run

    try:
        click.echo(asyncio.run(dry_run.route(_home(), group, model, session, as_json=as_json)))
    except dry_run.NoRouteError as error:
        raise click.ClickException(str(error)) from error
    except (NewerDatabaseError, sqlite3.DatabaseError) as error:
        raise click.ClickException(_unreadable(error)) from error


def _serve(run: Callable[[], None]) -> None:
    """Run a server; what keeps it from starting is said in a line."""
    from ccproxy_tui.gateway.server import CannotListenError

    try:
        run()
    except (CannotListenError, HomeInUseError, NewerDatabaseError) as error:
        raise click.ClickException(str(error)) from error
    except sqlite3.DatabaseError as error:
        raise click.ClickException(_unreadable(error)) from error


def _unreadable(error: Exception) -> str:
    return f"the data in {Home.find().folder} cannot be used ({error}); move it away to start anew"


def _home() -> Home:
    try:
        home = Home.find()
        home.log.touch(mode=0o600)
        handler = logging.handlers.RotatingFileHandler(home.log, maxBytes=_LOG_SIZE, backupCount=1)
    except OSError as error:
        raise click.ClickException(
            f"the data folder cannot be used ({error}); set CCPROXY_HOME to one that can"
        ) from error
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    return home


async def _open(home: Home) -> ConfigurationStore:
    try:
        return await ConfigurationStore.open(home.configuration)
    except NewerDatabaseError as error:
        raise click.ClickException(str(error)) from error
    except sqlite3.DatabaseError as error:
        raise click.ClickException(_unreadable(error)) from error


async def _stored(home: Home) -> Configuration | None:
    store = await _open(home)
    try:
        stored = await store.load()
    finally:
        await store.close()
    return None if stored is None else stored[0]


async def _import(home: Home, file: Path, *, yes: bool, replace: bool) -> None:
    store = await _open(home)
    try:
        stored = await store.load()
        current, revision = (Configuration(), 0) if stored is None else stored
        try:
            result = read_toml(file.read_text("utf-8"), current, replace=replace)
        except TransferError as error:
            raise click.ClickException(f"{file} was not taken over:\n{error}") from error
        except UnicodeDecodeError as error:
            raise click.ClickException(f"{file} is not a text file") from error
        for line in result.changes:
            click.echo(line)
        if not result.changes and revision:
            click.echo("nothing changes")
            return
        if not yes:
            click.confirm("Apply this?", abort=True)
        await store.save(result.value, revision)
    except ConflictError as error:
        raise click.ClickException(f"{error}; run the import again") from error
    finally:
        await store.close()
    _show_new_tokens(result)


def _show_new_tokens(result: Import) -> None:
    for key in result.new_tokens:
        click.echo(f"access key {key.name} (shown only now): {key.token}")
