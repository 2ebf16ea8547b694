"""A trained version of a model as a MONAI bundle, which runs without jlabel."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save as safetensors_bytes

from jlabel.bundles.export.check import check_network
from jlabel.bundles.export.fine_tuned import WEIGHTS, bundle_folder, fine_tuned_files, weights_file
from jlabel.bundles.export.inference import inference_config
from jlabel.bundles.export.metadata import NOT_STATED, bundle_metadata, own_modules, takes_guidance
from jlabel.bundles.export.model import ExportedModel
from jlabel.bundles.export.model_card import model_card
from jlabel.bundles.export.new_folder import new_folder
from jlabel.bundles.export.training import train_config
from jlabel.errors import TaskError
from jlabel.files.atomic import atomic_write
from jlabel.tasks.weights import load_weights

#: What lies in the folder of a bundle: a folder with anything else in it is not replaced.
_IN_A_BUNDLE = {"configs", "models", "docs", "scripts", "eval", "LICENSE", "license.txt", "large_files.yml"}
_LOGGING = """[loggers]
keys=root

[handlers]
keys=console

[formatters]
keys=line

[logger_root]
level=INFO
handlers=console

[handler_console]
class=StreamHandler
level=INFO
formatter=line
args=(sys.stdout,)

[formatter_line]
format=%(asctime)s - %(name)s - %(levelname)s - %(message)s
"""


def write_bundle(
    model: ExportedModel,
    to: Path,
    license: str | Path = NOT_STATED,
    metadata: Mapping[str, Any] | None = None,
    train: bool = True,
    overwrite: bool = False,
) -> Path:
    """Write a version of a model as a MONAI bundle.

    Args:
        model: The model.
        to: The bundle's folder, which is made: whole or not at all.
        license: What the model card says, such as ``"CC-BY-4.0"``, or a file with the text, which becomes ``LICENSE``.
        metadata: Fields of ``metadata.json`` that the user states, such as ``authors``.
        train: Whether it has a ``train.json``.
        overwrite: Whether a bundle that is there is replaced.

    Returns:
        The folder.

    Raises:
        TaskError: The version is damaged, or a part of the model cannot be written as configuration.
        DatastoreError: The folder is not empty, or cannot be written.
    """
    to = to.expanduser()
    # One of its own: the task's may be at work on a GPU.
    network = model.task.make_network(model.version)
    load_weights(network, model.version.file)
    network.eval()
    stated, text = _licence(license)
    given = {**({} if stated == NOT_STATED else {"license": stated}), **dict(metadata or {})}
    source = bundle_folder(model)
    if source is None:
        files = _own_files(model, network, given, train)
        weights = _weights(network, WEIGHTS)
    else:
        files = fine_tuned_files(source, model, given)
        weights = _weights(network, weights_file(source))
    if text is not None:
        files.setdefault("LICENSE", text)
    with new_folder(to, _is_bundle if overwrite else None) as folder:
        for name, content in {**files, **weights}.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            _write(file, content)
    return to


def _own_files(
    model: ExportedModel, network: torch.nn.Module, given: Mapping[str, Any], train: bool
) -> dict[str, bytes | Path]:
    """The files of a model of jlabel's own, beside its weights."""
    inference = inference_config(model)
    training = train_config(model) if train else None
    patch = inference["inferer"].get("roi_size")
    check_network(inference, network, patch)
    content = bundle_metadata(model, network, patch, given, own_modules(inference, training))
    card = model_card(content, model.values, train, takes_guidance(model, network))
    return {
        "configs/metadata.json": _json(content),
        "configs/inference.json": _json(inference),
        **({} if training is None else {"configs/train.json": _json(training)}),
        "configs/logging.conf": _LOGGING.encode(),
        "docs/README.md": card.encode(),
    }


def _write(file: Path, content: bytes | Path) -> None:
    """Write a file, or copy another's content."""
    if isinstance(content, bytes):
        atomic_write(file, lambda out: out.write(content))
        return
    with content.open("rb") as source:
        atomic_write(file, lambda out: shutil.copyfileobj(source, out, 1 << 20))


def _json(content: Mapping[str, Any]) -> bytes:
    # In ASCII: MONAI opens it in the encoding of the machine.
    return (json.dumps(content, indent=4, ensure_ascii=True, allow_nan=False) + "\n").encode("ascii")


def _weights(network: torch.nn.Module, name: str) -> dict[str, bytes]:
    """The network's tensors alone, once for torch and once as safetensors, which hold no code."""
    state = {name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()}
    whole = io.BytesIO()
    torch.save(state, whole)
    # Tensors of one storage are not written twice by torch, and refused by safetensors.
    apart = {name: tensor.clone() for name, tensor in state.items()}
    return {name: whole.getvalue(), "models/model.safetensors": safetensors_bytes(apart)}


def _licence(license: str | Path) -> tuple[str, bytes | None]:
    """What the model card says, and the text of the file ``LICENSE``, if there is one."""
    if isinstance(license, str):
        stated = " ".join(license.split())
        if not stated or stated == NOT_STATED:
            return NOT_STATED, None
        return (stated, f"{stated}\n".encode()) if "\n" not in license.strip() else ("see LICENSE", license.encode())
    try:
        return "see LICENSE", license.expanduser().read_bytes()
    except OSError as error:
        raise TaskError(f"{license}: the licence cannot be read: {error.strerror or error}") from error


def _is_bundle(folder: Path) -> bool:
    names = {one.name for one in folder.iterdir()}
    return (folder / "configs" / "metadata.json").is_file() and names <= _IN_A_BUNDLE
