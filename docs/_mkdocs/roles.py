"""Docstrings as Markdown: Sphinx roles become links, and a paragraph that ends in ``::`` a colon before its code."""

from __future__ import annotations

import re
from typing import Any

from griffe import Docstring, Extension, Object

_ROLE = re.compile(r":(?:py:)?(?:class|meth|func|data|attr|exc|mod|ref):`(~?)([^`]+)`")
_CONTINUES = re.compile(r"(?<=\S)\n[ \t]*(?=:(?:class|meth|func|data|attr|exc):`)")
_EXAMPLE = re.compile(r"^([ \t]*)Example:$", re.MULTILINE)
_CODE_FOLLOWS = re.compile(r"::$", re.MULTILINE)


class Roles(Extension):
    """Turns ``:class:`jlabel.Label` `` into a link where the reference has such a name, and into code elsewhere."""

    def on_instance(self, *, obj: Object, **_: Any) -> None:
        """Rewrite the docstring of an object, once it is loaded."""
        if isinstance(obj, Object) and obj.docstring is not None:
            obj.docstring = _rewritten(obj.docstring, obj)


def _rewritten(docstring: Docstring, obj: Object) -> Docstring:
    owner = obj if obj.is_class or obj.is_module else obj.parent
    path = owner.path if owner is not None else ""

    def link(found: re.Match[str]) -> str:
        short, name = found.groups()
        shown = name.rpartition(".")[2] if short else name
        target = name if "." in name else f"{path}.{name}"
        return f'<autoref optional identifier="{target}"><code>{shown}</code></autoref>'

    # A line that begins with a role goes on with the one before; without this it is taken for an argument's name.
    joined = _CONTINUES.sub(" ", docstring.value)
    # Sessions of the interpreter are shown as such under this heading alone.
    joined = _EXAMPLE.sub(r"\1Examples:", joined)
    docstring.value = _CODE_FOLLOWS.sub(":", _ROLE.sub(link, joined))
    return docstring
