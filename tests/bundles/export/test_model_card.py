"""The model card of an exported bundle."""

from __future__ import annotations

import pytest

from jlabel.bundles.export.bundle import write_bundle
from jlabel.bundles.export.model_card import plain
from tests.bundles.export.exports import exported_model, published


def card(folder, labels, **fields) -> str:
    bundle = write_bundle(exported_model(published(folder, labels, **fields)), folder / "bundle", license="MIT")
    return (bundle / "docs" / "README.md").read_text(encoding="utf-8")


def test_it_says_what_a_person_must_know(tmp_path) -> None:
    text = card(tmp_path, {"Leber ü": 1, "spleen": 2}, metrics={"val_mean_dice": 0.91}, parent=3, config={"seed": 5})
    for line in (
        "# segmentation",
        "| Leber ü | 1 |",
        "| spleen | 2 |",
        r"| val\_mean\_dice | 0.91 |",
        "| Labels that it was trained on | 2 |",
        "| Version that the training began with | 3 |",
        "| seed | 5 |",
        "Licence: MIT",
        "Research. Not for diagnosis, nor for any other clinical use",
        "python -m monai.bundle run --config_file configs/inference.json",
    ):
        assert line in text, line
    assert all(f"| {package} |" in text for package in ("monai", "torch", "numpy", "nibabel", r"pytorch\-ignite"))


def test_without_metrics_it_says_so(tmp_path) -> None:
    assert "how good it is is not known" in card(tmp_path, {"liver": 1})


def test_a_name_is_never_markup(tmp_path) -> None:
    text = card(tmp_path, {"<script>alert(1)</script>": 1, "[x](http://evil) | y": 2})
    assert "<script>" not in text
    assert "[x](http" not in text
    assert r"| \[x\]\(http://evil\) \| y | 2 |" in text


@pytest.mark.parametrize("text", ["plain words", "line\nbreak\n# title", "a|b", "*b* _c_ `d`"])
def test_a_text_is_one_line_without_markup(text) -> None:
    shown = plain(text)
    assert "\n" not in shown
    assert shown.replace("\\", "") == " ".join(text.split())
