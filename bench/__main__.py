"""Run the benchmarks: ``python -m bench [name …]``, all of them without a name.

Each runs in a process of its own. Stdout has JSON lines alone, the last one a summary; everything else goes to stderr.
The exit status is 1 when a bar was missed or a benchmark failed.
"""

from __future__ import annotations

import json
import pkgutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import bench

_PREFIX = "bench_"
# Imports the module and calls its main(); an exception becomes a line that says what it was.
_CHILD = """
import importlib, json, sys, traceback
try:
    status = importlib.import_module(sys.argv[2]).main()
except Exception as error:
    traceback.print_exc()
    print(json.dumps({"bench": sys.argv[1], "error": f"{type(error).__name__}: {error}"}), flush=True)
    status = 1
sys.exit(status)
"""


def main(arguments: Sequence[str]) -> int:
    known = known_benches()
    unknown = [name for name in arguments if name not in known]
    if unknown:
        sys.stderr.write(f"no benchmark {', '.join(unknown)}; there are {', '.join(known)}\n")
        return 2
    return run({name: known[name] for name in arguments or known})


def known_benches() -> dict[str, str]:
    """Names to modules, in alphabetical order."""
    found = sorted(module.name for module in pkgutil.iter_modules(bench.__path__) if module.name.startswith(_PREFIX))
    return {name.removeprefix(_PREFIX): f"bench.{name}" for name in found}


def run(modules: Mapping[str, str]) -> int:
    """Run benchmarks one after the other, also after one that fails; returns the exit status.

    Args:
        modules: Names to importable modules, each with a ``main()`` that prints JSON lines.
    """
    lines = [line for name, module in modules.items() for line in run_one(name, module)]
    missed = [line["bench"] for line in lines if line.get("ok") is False]
    failed = [line["bench"] for line in lines if "error" in line]
    passed = sum(1 for line in lines if line.get("ok") is True and "bar" in line)
    _print({"bench": "summary", "passed": passed, "missed": missed, "failed": failed})
    return 1 if missed or failed else 0


def run_one(name: str, module: str) -> list[dict[str, Any]]:
    """Run one benchmark, pass its lines on as they come, and return them."""
    lines: list[dict[str, Any]] = []
    child = subprocess.Popen([sys.executable, "-c", _CHILD, name, module], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    with child.stdout:
        for text in child.stdout:
            line = _as_line(text)
            if line is None:
                sys.stderr.write(text)
            else:
                lines.append(line)
                _print(line)
    status = child.wait()
    if status != 0 and not any("error" in line or line.get("ok") is False for line in lines):
        lines.append({"bench": name, "error": f"ended with status {status}, and did not say why"})
        _print(lines[-1])
    return lines


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
    sys.exit(main(sys.argv[1:]))
