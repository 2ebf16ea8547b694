"""A bundle's configuration, read by MONAI's parser: its parts, made one by one as they are asked for."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import torch
from monai.bundle import ConfigParser
from monai.bundle.utils import merge_kv

from jlabel.bundles.bundle import Bundle, components, read_mapping, target_name
from jlabel.bundles.own_code import OwnCode
from jlabel.errors import Cancelled, JlabelError, TaskError
from jlabel.tasks.error_chain import error_chain

T = TypeVar("T")
_TENSORS_ONLY = "TORCH_FORCE_WEIGHTS_ONLY_LOAD"
# What a LoadImaged keeps of its arguments: the image is in memory already, and no reader has arguments of its own.
_LOADING = {"_target_", "_disabled_", "_requires_", "keys", "dtype", "meta_keys", "meta_key_postfix", "overwriting"} | {
    "image_only", "ensure_channel_first", "simple_keys", "prune_meta_pattern", "prune_meta_sep", "allow_missing_keys"
}  # fmt: skip
_DEVICES = ("device", "sw_device")
# Arguments that MONAI's classes had once, and that changed nothing in what they make.
_FORMER = {"SwinUNETR": ("img_size",)}


class Configuration:
    """Configuration files of a bundle, merged in their order.

    What saves (``Save*``) is left out, and ``LoadImaged`` chooses its reader by itself. Weights are loaded as tensors
    only, whatever a file in the bundle asks for.

    Args:
        bundle: The bundle.
        files: Its configuration files; a later one overrides an earlier one, as in ``monai.bundle``.
        overrides: Ids and their values, as in ``monai.bundle``: ``{"inferer::roi_size": [96, 96, 96]}``.
        device: On which its parts are made.
        code: The bundle's own modules.
        content: In place of files.

    Attributes:
        saved: The keys that the ``Save*`` transforms would have written, in their order.

    Raises:
        TaskError: A file is damaged, or an override is for an id that is not there.
    """

    def __init__(
        self,
        bundle: Bundle,
        files: Sequence[Path],
        overrides: Mapping[str, Any],
        device: str,
        code: OwnCode,
        content: Mapping[str, Any] | None = None,
    ) -> None:
        self._bundle, self._code = bundle, code
        self._said = ", ".join(file.name for file in files) or "metadata.json"
        for file in files:
            read_mapping(file, bundle.name)
        self.parser = self._explained("the files", lambda: _parser(bundle, files, overrides, device, content))
        self.saved = _prepare(self.parser.get(), device)

    def __contains__(self, id: str) -> bool:
        return id in self.parser

    def first(self, ids: Sequence[str], default: T) -> Any | T:
        """The first of these parts that there is, made; a default where there is none.

        Raises:
            TaskError: It cannot be made; names the bundle, the file and the part.
        """
        found = next((id for id in ids if self.parser.get(id) is not None), None)
        return default if found is None else self.make(found)

    def make(self, id: str) -> Any:
        """A part, made once.

        Raises:
            TaskError: It cannot be made; names the bundle, the file and the part.
        """
        return self._explained(repr(id), lambda: self.parser.get_parsed_content(id))

    def made(self, kind: type[T]) -> list[T]:
        """All parts of a kind that were made so far."""
        found = [one for one in self.parser.ref_resolver.resolved_content.values() if isinstance(one, kind)]
        return list({id(one): one for one in found}.values())

    @contextlib.contextmanager
    def active(self) -> Iterator[None]:
        """Let the bundle's own modules be importable, and only tensors be loaded."""
        with self._code.active(), tensors_only():
            yield

    def _explained(self, part: str, make: Callable[[], T]) -> T:
        with explained(self._bundle, f"{self._said}, {part}"), self.active():
            return make()


@contextlib.contextmanager
def explained(bundle: Bundle, where: str) -> Iterator[None]:
    """Turn whatever fails in a bundle into a :class:`TaskError` that names it.

    Args:
        bundle: The bundle.
        where: The file and the part.
    """
    try:
        yield
    except (Cancelled, JlabelError):
        raise
    except Exception as error:
        raise TaskError(f"bundle {bundle.name!r}, {where}: {_reason(bundle, error)}") from error


@contextlib.contextmanager
def tensors_only() -> Iterator[None]:
    """Let ``torch.load`` refuse everything but tensors, whatever its caller asks for."""
    before = os.environ.get(_TENSORS_ONLY)
    os.environ[_TENSORS_ONLY] = "1"
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(_TENSORS_ONLY, None)
        else:
            os.environ[_TENSORS_ONLY] = before


def _parser(
    bundle: Bundle,
    files: Sequence[Path],
    overrides: Mapping[str, Any],
    device: str,
    content: Mapping[str, Any] | None,
) -> ConfigParser:
    parser = ConfigParser()
    parser.read_meta(dict(bundle.metadata))
    parser.read_config([str(file) for file in files] if content is None else dict(content))
    parser["bundle_root"] = str(bundle.root)
    parser["device"] = torch.device(device)
    for id, value in overrides.items():
        merge_kv(parser, id, value)
    return parser


def _prepare(config: Any, device: str) -> list[str]:
    """Leave out what saves, let images come from memory, and everything be on the device; gives what was saved."""
    saved: list[str] = []
    for _, one in components(config):
        name = target_name(one)
        if name.startswith("Save"):
            one["_disabled_"] = True
            keys = one.get("keys", ())
            saved += [keys] if isinstance(keys, str) else map(str, keys)
        elif name == "LoadImaged":
            for argument in set(one) - _LOADING:
                del one[argument]
        for argument in _FORMER.get(name, ()):
            one.pop(argument, None)
        for argument in _DEVICES:
            if isinstance(one.get(argument), str) and one[argument].startswith("cuda"):
                one[argument] = torch.device(device)
        if one.get("progress") is True:
            one["progress"] = False
    return saved


def missing_package(bundle: Bundle, error: BaseException) -> str:
    """What to say of an error that comes from a package that is not installed; "" for any other one."""
    for one in reversed(error_chain(error, contexts=True)):
        missing = _missing_module(one)
        if missing and not (bundle.root / missing).exists():
            return f"it needs the package {missing!r}, which is not installed: pip install {missing}"
    return ""


def _missing_module(error: BaseException) -> str:
    """The name of the package that could not be imported; "" where that is not what went wrong."""
    if not isinstance(error, ImportError):
        return ""
    told = re.search(r"No module named '(\w+)", str(error))
    return (error.name or (told.group(1) if told else "")).partition(".")[0]


def _reason(bundle: Bundle, error: BaseException) -> str:
    """What went wrong, from the innermost error on: MONAI wraps it several times."""
    chain = error_chain(error, contexts=True)
    missing = missing_package(bundle, error)
    if missing:
        return missing
    for one in reversed(chain):
        if isinstance(one, FileNotFoundError) and one.filename:
            return f"it needs the file {one.filename}, which is not there"
    # MONAI looks names up with an error of its own for each, which says less than the one about it.
    told = (one for one in reversed(chain) if str(one).strip() and not str(one).startswith("Unsupported option"))
    innermost = next(told, error)
    text = " ".join(str(innermost).split())
    return f"{type(innermost).__name__}: {text[:600]}"
