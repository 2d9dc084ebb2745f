"""llama.cpp's own HTTP server on loopback, until its standard input closes.

Run by file name with the Python that `install` gives, so it imports nothing of the project.
"""

import sys
from pathlib import Path

import xllamacpp  # type: ignore[import-not-found,unused-ignore]

CONTEXT = 1024
"""Tokens; small, so that a prompt is soon too long and no answer takes more than half a minute."""
LONGEST_ANSWER = 400
"""Tokens, unless the client says otherwise; the server itself has no such limit."""


def main(model: str) -> None:
    params = xllamacpp.CommonParams()
    params.model.path = model
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_ctx = CONTEXT
    params.n_predict = LONGEST_ANSWER
    params.n_parallel = 1
    params.cpuparams.n_threads = 1
    params.cpuparams_batch.n_threads = 1
    params.sampling.temp = 0
    params.endpoint_slots = True
    params.chat_template = (Path(__file__).parent / "hermes.jinja").read_text()
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1])
