"""``docs/README.md`` of a bundle that is exported: a model card, for a person who gets nothing but the bundle."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

_MARKUP = re.compile(r"([\\`*_{}\[\]()#+!|~-])")
_LISTED = {
    "training_labels": "Labels that it was trained on",
    "validation_labels": "Labels that it was judged by",
    "version": "Version",
    "parent_version": "Version that the training began with",
    "published": "Published",
}


def model_card(metadata: Mapping[str, Any], values: Mapping[str, int], trains: bool, clicks: bool) -> str:
    """The text of the model card.

    Args:
        metadata: The content of ``metadata.json``.
        values: The structures, name to value in the files of masks.
        trains: Whether there is a ``train.json``.
        clicks: Whether the model takes clicks in jlabel, which it does not get here.
    """
    parts = [
        f"# {plain(metadata['name'])}",
        plain(metadata["description"]),
        _use(metadata),
        _data(metadata, values),
        _metrics(metadata),
        _training(metadata),
        _packages(metadata),
        _how_to_run(),
        *([_how_to_train()] if trains else ["There is no `train.json`: this bundle is for inference alone."]),
        *([_without_clicks()] if clicks else []),
        _licence(metadata),
    ]
    return "\n\n".join(parts) + "\n"


def plain(text: Any) -> str:
    """A text that Markdown shows as it is: no character of it is markup."""
    flat = " ".join(str(text).split())
    return _MARKUP.sub(r"\\\1", html.escape(flat, quote=False))


def _table(head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    cells = [[plain(cell) for cell in line] for line in (head, *rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in (cells[0], ["---"] * len(head), *cells[1:]))


def fine_tuned_section(metadata: Mapping[str, Any]) -> str:
    """What is added to the card of a bundle that was trained further.

    Args:
        metadata: The content of ``metadata.json`` as it is now.
    """
    origin = metadata["provenance"]
    rows = [("Version of the bundle before", origin["bundle_version"])]
    rows += [(title, origin[key]) for key, title in _LISTED.items() if origin[key] is not None]
    return f"## Trained further with jlabel\n\n{_table(('', ''), rows)}\n\n{_metrics(metadata)}"


def _use(metadata: Mapping[str, Any]) -> str:
    return f"## Intended use\n\n{plain(metadata['intended_use'])}"


def _data(metadata: Mapping[str, Any], values: Mapping[str, int]) -> str:
    origin = metadata["provenance"]
    rows = [(title, "none" if origin[key] is None else origin[key]) for key, title in _LISTED.items()]
    labels = _table(("Structure", "Value in the mask"), [("background", 0), *values.items()])
    return (
        f"## Data and labels\n\n{_table(('', ''), [*rows, ('Images', metadata['image_classes'])])}\n\n"
        f"Source of the images: {plain(metadata['data_source'])}. Images and labels are not part of the bundle, and "
        f"nothing in it names one of them.\n\n{labels}"
    )


def _metrics(metadata: Mapping[str, Any]) -> str:
    found = metadata["eval_metrics"]
    if not found:
        return "## Metrics\n\nThe version was published without validation images: how good it is is not known."
    return f"## Metrics\n\nOn the validation labels:\n\n{_table(('Metric', 'Value'), list(found.items()))}"


def _training(metadata: Mapping[str, Any]) -> str:
    origin = metadata["provenance"]
    rows = [*origin["training"].items(), ("jlabel", origin["jlabel_version"] or "not known")]
    rows.append(("torch", origin["torch_version"] or "not known"))
    return f"## Training\n\n{_table(('', ''), rows)}"


def _packages(metadata: Mapping[str, Any]) -> str:
    needed = {"monai": metadata["monai_version"], "torch": metadata["pytorch_version"]}
    needed |= {"numpy": metadata["numpy_version"], **metadata["required_packages_version"]}
    needed |= metadata["optional_packages_version"]
    modules = metadata.get("required_modules", [])
    own = f"\n\nModules that must be importable: {plain(', '.join(modules))}." if modules else ""
    return (
        "## Packages\n\nWritten with the versions below; the command line of `monai.bundle` needs `fire`.\n\n"
        f"{_table(('Package', 'Version'), list(needed.items()))}{own}"
    )


def _how_to_run() -> str:
    return """## Segment a folder of images

In the folder of the bundle:

```bash
python -m monai.bundle run --config_file configs/inference.json --dataset_dir IMAGES --output_dir MASKS
```

`IMAGES` is a folder of NIfTI files, or of folders of them. Each mask has the grid of its image. Of a file with several
frames the first one is segmented; `--frame 2` takes another."""


def _how_to_train() -> str:
    return """## Fine-tune it

```bash
python -m monai.bundle run --config_file configs/train.json --dataset_dir DATA --train#trainer#max_epochs 20
```

`DATA` has the images in `imagesTr` and the labels, under the same names, in `labelsTr` (or give `--image_dir` and
`--label_dir`), with the values of the table above; every other value counts as background. A fifth of them is kept for
validation. The weights that did best there are written to `models/model.pt`, which `inference.json` uses then;
`models/model.safetensors` stays as it is."""


def _without_clicks() -> str:
    return (
        "## Clicks\n\nIn jlabel, clicks correct this model. The bundle runs it without any, and `train.json` trains it "
        "without any."
    )


def _licence(metadata: Mapping[str, Any]) -> str:
    return (
        f"## Licence\n\nAuthors: {plain(metadata['authors'])}\n\nCopyright: {plain(metadata['copyright'])}\n\n"
        f"Licence: {plain(metadata['license'])}"
    )
