from pathlib import Path

from tests.e2e.command import run

GOOD = """
[[providers]]
name = "local"
base_url = "http://127.0.0.1:8080/v1"
api_keys = ["sk-secret-secret-secret"]
[[groups]]
name = "qwen"
[[proxies]]
group = "qwen"
alias = "claude-*"
targets = ["local/m"]
[[keys]]
name = "ClaudeCode"
"""


async def test_import_shows_what_changes_asks_and_prints_a_new_token_once(tmp_path: Path) -> None:
    file = tmp_path / "in.toml"
    file.write_text(GOOD)
    home = tmp_path / "home"
    declined = await run(home, "import", str(file), answer=b"n\n")
    assert declined.code == 1
    assert "+ provider local" in declined.output
    assert (await run(home, "export")).code == 1, "nothing was saved"
    accepted = await run(home, "import", str(file), answer=b"y\n")
    assert accepted.code == 0
    token = accepted.output.rsplit(None, 1)[1]
    assert len(token) == 64
    exported = await run(home, "export", "--secrets")
    assert token in exported.output
    again = await run(home, "import", str(file), "--yes")
    assert again.output == "nothing changes\n"


async def test_a_broken_file_changes_nothing_and_says_everything(tmp_path: Path) -> None:
    file = tmp_path / "in.toml"
    file.write_text(GOOD + '[[groups]]\nname = "v1"\n[[providers]]\nname = "x"\n')
    result = await run(tmp_path / "home", "import", str(file), "--yes")
    assert result.code == 1
    assert "groups[1].name" in result.output
    assert "providers[1].base_url" in result.output
    assert "Traceback" not in result.output
    assert (await run(tmp_path / "home", "export")).code == 1


async def test_an_export_hides_secrets_unless_asked_and_comes_back_the_same(
    tmp_path: Path,
) -> None:
    file = tmp_path / "in.toml"
    file.write_text(GOOD)
    await run(tmp_path / "one", "import", str(file), "--yes")
    plain = await run(tmp_path / "one", "export")
    assert "sk-secret" not in plain.output
    whole = await run(tmp_path / "one", "export", "--secrets")
    copy = tmp_path / "copy.toml"
    copy.write_text(whole.output)
    await run(tmp_path / "two", "import", str(copy), "--yes")
    assert (await run(tmp_path / "two", "export", "--secrets")).output == whole.output


async def test_without_a_terminal_the_app_says_what_to_run(tmp_path: Path) -> None:
    result = await run(tmp_path)
    assert result.code == 1
    assert "ccproxy serve" in result.output
    assert (await run(tmp_path, "--version")).output.startswith("ccproxy")
