"""A curl command, run by bash, sends what was recorded, byte by byte, and holds no credential."""

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from ccproxy_tui.inspection.curl import to_ccproxy, to_provider
from ccproxy_tui.traffic.call import Call, Message

LONG = 'It\'s "long" $HOME `id` \\ \\n é 漢 🙂\n' * 100


class Server(HTTPServer):
    seen: list[tuple[str, str, dict[str, str], bytes]]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.seen.append((self.command, self.path, headers, body))
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    do_GET = do_POST  # noqa: N815 - named by the standard library

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server(("127.0.0.1", 0), Handler)
    made.seen = []
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def run(command: str, **variables: str) -> None:
    done = subprocess.run(
        ["bash"],
        input=command.encode(),
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        timeout=20,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, b"ok"), done.stderr


def request(head: str, body: bytes, *headers: tuple[str, str]) -> Message:
    return Message(head, headers, [body] if body else [])


JSON_TYPE = ("content-type", "application/json")


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"@/etc/passwd",
        json.dumps({"text": 'it\'s $HOME `id` "q" \\'}).encode(),
        json.dumps({"text": "é 漢 🙂"}, ensure_ascii=False).encode(),
        b'{"a":\n  1\n}\n\n',
        b"a\x00b\xff\r\n",
        b"'; touch /tmp/never; '" * 200,
        json.dumps({"text": LONG * 60}).encode() + b"\x01",
    ],
    ids=["empty", "at", "quotes", "unicode", "lines", "binary", "long text", "very long"],
)
def test_bodies_come_as_they_were(server: Server, body: bytes) -> None:
    message = request(f"POST {server.url}/v1/messages", body, JSON_TYPE)
    run(to_provider(Call(1, 0.0), message))
    [(method, path, headers, sent)] = server.seen
    assert (method, path, headers["content-type"]) == ("POST", "/v1/messages", "application/json")
    assert sent == body


def test_long_json_comes_through_a_document_that_can_be_read(server: Server) -> None:
    body = json.dumps({"text": LONG, "EOF": "\nEOF\n"}, ensure_ascii=False, indent=1).encode()
    command = to_provider(Call(1, 0.0), request(f"POST {server.url}/v1", body, JSON_TYPE))
    assert "<<'END_1'\n{" in command
    run(command)
    assert json.loads(server.seen[0][3]) == json.loads(body)


def test_credentials_are_variables(server: Server) -> None:
    masked = [
        ("authorization", "•••"),
        ("x-api-key", "•••"),
        ("x-goog-api-key", "•••"),
        ("x-other-token", "•••"),
    ]
    message = request(
        f"POST {server.url}/v1beta/models/g:generate?alt=sse&key=AIzaSecret&n=[1]", b"{}", *masked
    )
    command = to_provider(Call(1, 0.0, upstream_protocol="claude"), message)
    assert "•" not in command
    assert "AIzaSecret" not in command
    run(
        command,
        ANTHROPIC_AUTH_TOKEN="one two",
        ANTHROPIC_API_KEY="2",
        GEMINI_API_KEY="3",
        X_OTHER_TOKEN="4",
    )
    _, path, headers, _ = server.seen[0]
    assert path == "/v1beta/models/g:generate?alt=sse&key=3&n=[1]"
    assert headers["authorization"] == "Bearer one two"
    assert [headers[name] for name in ("x-api-key", "x-goog-api-key", "x-other-token")] == list(
        "234"
    )


def test_other_headers_are_sent_and_those_of_the_connection_are_not(server: Server) -> None:
    message = request(
        f"GET {server.url}/v1/models",
        b"",
        ("host", "elsewhere.dev"),
        ("content-length", "999"),
        ("accept-encoding", "gzip, br"),
        ("user-agent", "claude-cli/2 (it's me)"),
        ("x-empty", ""),
    )
    command = to_provider(Call(1, 0.0), message)
    run(command)
    method, _, headers, _ = server.seen[0]
    assert method == "GET"
    assert headers["host"] == server.url.removeprefix("http://")
    assert headers["user-agent"] == "claude-cli/2 (it's me)"
    assert headers["x-empty"] == ""
    assert "gzip" in headers["accept-encoding"]


def test_the_client_s_request_goes_to_ccproxy_with_a_key(server: Server) -> None:
    call = Call(1, 0.0, path="/qwen/v1/messages", protocol="claude", key="dev", streaming=True)
    message = request("POST /qwen/v1/messages?beta=true", b"{}", JSON_TYPE)
    command = to_ccproxy(call, message, f"{server.url}/")
    assert command.startswith("curl -sSN ")
    run(command, ANTHROPIC_AUTH_TOKEN="cs-1")
    _, path, headers, _ = server.seen[0]
    assert path == "/qwen/v1/messages?beta=true"
    assert headers["authorization"] == "Bearer cs-1"


def test_the_recorded_query_goes_with_it_but_no_credential(server: Server) -> None:
    path = "/my group/v1beta/models/g?:streamGenerateContent"
    call = Call(1, 0.0, path=path, protocol="gemini", key="dev", streaming=True)
    query = "alt=sse&key=AIzaSecret&x-token=t0ps3cret&access_token=s3cond&q=a%20b%26c"
    command = to_ccproxy(call, request(f"POST {path}?{query}", b"{}", JSON_TYPE), server.url)
    assert not any(secret in command for secret in ("AIzaSecret", "t0ps3cret", "s3cond"))
    run(command, GEMINI_API_KEY="1", X_TOKEN="2", ACCESS_TOKEN="3")
    assert server.seen[0][1] == (
        "/my%20group/v1beta/models/g%3F:streamGenerateContent"
        "?alt=sse&key=1&x-token=2&access_token=3&q=a%20b%26c"
    )
