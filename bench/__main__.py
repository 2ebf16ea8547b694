"""Run the benchmarks: ``python -m bench [name …]``, all of them without a name; ``--list`` says which there are.

Each runs in a process of its own. Stdout has JSON lines alone, each as it comes, the last one a summary that says how
long each benchmark took; everything else goes to stderr. ``python -m bench.table`` makes a table of them. The exit
status is 1 when a bar was missed or a benchmark failed.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from bench.parts import PARTS, in_words

# Imports the module and calls its main(); an exception becomes a line that says what it was. One that is stopped takes
# its folder away, with which its jobs end.
_CHILD = """
import importlib, json, signal, sys, traceback
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
try:
    status = importlib.import_module(sys.argv[2]).main()
except Exception as error:
    traceback.print_exc()
    print(json.dumps({"bench": sys.argv[1], "error": f"{type(error).__name__}: {error}"}), flush=True)
    status = 1
sys.exit(status)
"""


def main(arguments: Sequence[str]) -> int:
    if "--list" in arguments:
        _list()
        return 0
    known = known_benches()
    unknown = [name for name in arguments if name not in known]
    if unknown:
        sys.stderr.write(f"no benchmark {', '.join(unknown)}; there are {', '.join(known)}\n")
        return 2
    return run({name: known[name] for name in arguments or known})


def known_benches() -> dict[str, str]:
    """Names to modules, the quick ones first."""
    return {part.name: f"bench.bench_{part.name}" for part in PARTS}


def run(modules: Mapping[str, str]) -> int:
    """Run benchmarks one after the other, also after one that fails; returns the exit status.

    Args:
        modules: Names to importable modules, each with a ``main()`` that prints JSON lines.
    """
    lines, seconds = [], {}
    for name, module in modules.items():
        start = time.monotonic()
        lines += run_one(name, module)
        seconds[name] = round(time.monotonic() - start, 1)
    missed = [line["bench"] for line in lines if line.get("ok") is False]
    failed = [line["bench"] for line in lines if "error" in line]
    passed = sum(1 for line in lines if line.get("ok") is True and "bar" in line)
    _print({"bench": "summary", "passed": passed, "missed": missed, "failed": failed, "seconds": seconds})
    return 1 if missed or failed else 0


def run_one(name: str, module: str) -> list[dict[str, Any]]:
    """Run one benchmark, pass its lines on as they come, and return them."""
    lines: list[dict[str, Any]] = []
    child = subprocess.Popen([sys.executable, "-c", _CHILD, name, module], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    try:
        with child.stdout:
            for text in child.stdout:
                line = _as_line(text)
                if line is None:
                    sys.stderr.write(text)
                else:
                    lines.append(line)
                    _print(line)
    except BaseException:
        child.terminate()
        child.wait()
        raise
    status = child.wait()
    if status != 0 and not any("error" in line or line.get("ok") is False for line in lines):
        lines.append({"bench": name, "error": f"ended with status {status}, and did not say why"})
        _print(lines[-1])
    return lines


def _list() -> None:
    for part in PARTS:
        sys.stdout.write(f"{part.name:<16} {in_words(part.seconds):>6}  {part.what}\n")
    sys.stdout.write(f"{'all of them':<16} {in_words(sum(part.seconds for part in PARTS)):>6}\n")


def _as_line(text: str) -> dict[str, Any] | None:
    """What a benchmark measured, or None for anything else that was printed."""
    try:
        line = json.loads(text)
    except ValueError:
        return None
    return line if isinstance(line, dict) and "bench" in line else None


def _print(line: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main(sys.argv[1:]))
