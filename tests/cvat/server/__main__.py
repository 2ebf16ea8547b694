"""The contract server as a process: prints its address and runs until it is interrupted."""

from __future__ import annotations

import argparse
import signal
import threading

from tests.cvat.server.contract_server import ContractServer


def main() -> None:
    """Serve until an interrupt or SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="to listen on; 0: a free one")
    parser.add_argument("--version", default="2.80.0", help="of CVAT")
    parser.add_argument("--user", action="append", default=[], metavar="NAME:PASSWORD", help="may be given often")
    options = parser.parse_args()
    users = dict(text.split(":", 1) for text in options.user)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with ContractServer(options.version, users or None, options.port) as server:
        print(server.url, flush=True)
        ended.wait()


if __name__ == "__main__":
    main()
