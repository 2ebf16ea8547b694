"""In which line of a file an item stands."""

from __future__ import annotations

from pathlib import Path

import yaml

from jlabel.apps.app_file.ids import parts

# Ten times faster where PyYAML was built with libyaml.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def line_of(file: Path, id: str) -> int | None:
    """The line, counted from 1, of an item or of the nearest one around it.

    Args:
        file: A JSON or YAML file.
        id: The item, such as ``"infers::spleen"``.

    Returns:
        None where the file does not say the item, or is no valid YAML (JSON nearly always is).
    """
    found = depth_and_line(file, id)
    return None if found is None else found[1]


def depth_and_line(file: Path, id: str) -> tuple[int, int] | None:
    """How many of the id's parts the file says, at least one, and the line of the last of them."""
    try:
        root = yaml.compose(file.read_text(encoding="utf-8"), Loader=_LOADER)
    except (yaml.YAMLError, OSError, ValueError, RecursionError):
        return None
    depth, line = _deepest(root, parts(id), 0)
    return (depth, line) if depth else None


def _deepest(node: yaml.Node | None, wanted: list[str], depth: int) -> tuple[int, int]:
    """Follow a path from a node; a key may stand for several levels (``a#b``), and may begin with a plus."""
    best = (depth, node.start_mark.line + 1 if node is not None else 1)
    if not wanted:
        return best
    if isinstance(node, yaml.SequenceNode) and wanted[0].isdigit() and int(wanted[0]) < len(node.value):
        return _deepest(node.value[int(wanted[0])], wanted[1:], depth + 1)
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        said = parts(str(key.value).removeprefix("+"))
        if wanted[: len(said)] == said:
            deeper = _deepest(value, wanted[len(said) :], depth + len(said))
            at_key = (depth + len(said), key.start_mark.line + 1)
            best = max(best, deeper if deeper[0] > at_key[0] else at_key, key=lambda found: found[0])
    return best
