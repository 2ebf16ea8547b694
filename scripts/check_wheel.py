"""Fail when a wheel lacks the built front end: ``python scripts/check_wheel.py dist/*.whl``."""

from __future__ import annotations

import sys
from pathlib import Path

from frontend import missing_from_wheel


def main(wheels: list[str]) -> int:
    """Say what each wheel lacks; return 1 when any lacks something or none is given."""
    if not wheels:
        print(__doc__, file=sys.stderr)
        return 1
    lacking = {wheel: missing for wheel in wheels if (missing := missing_from_wheel(Path(wheel)))}
    for wheel, missing in lacking.items():
        print(f"{wheel}: lacks {', '.join(missing)}; build it again with the front end", file=sys.stderr)
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
