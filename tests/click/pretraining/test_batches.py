"""Batches to learn from, of made images and of pictures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from jlabel.click.network import DESIGNS
from jlabel.click.pretraining import real_pictures as pictures
from jlabel.click.pretraining.batches import make_batch
from jlabel.click.pretraining.real_pictures import Pictures, collect


@pytest.mark.parametrize("dimension", [2, 3])
def test_a_batch_has_images_that_are_normalised_and_a_structure_in_each(dimension):
    design = replace(DESIGNS[dimension], size=32 if dimension == 2 else 16)
    made = make_batch(design, 12, "cpu", None)
    count = len(made.image)
    assert 4 <= count <= 12
    assert made.image.shape == (count, design.colours, *(design.size,) * dimension)
    assert made.target.shape == made.others.shape == (count, 1, *(design.size,) * dimension)
    assert torch.isfinite(made.image).all()
    assert made.image.abs().max() <= 1.25
    assert (made.target.flatten(1).sum(dim=1) > 0).all()
    assert not (made.target * made.others).any()


def test_some_of_the_pictures_are_grey(tiny):
    image = make_batch(tiny, 40, "cpu", None).image
    grey = (image[:, :1] == image).flatten(1).all(dim=1)
    assert 0 < int(grey.sum()) < len(image)


def test_crops_of_pictures_come_with_their_parts(pictures_file, tiny):
    kept = Pictures(pictures_file, "cpu")
    image, parts, coarser = kept.crops(10, 32)
    assert image.shape == (10, 3, 32, 32)
    assert image.min() >= 0
    assert image.max() <= 1
    assert parts.shape == coarser.shape == (10, 32, 32)
    assert set(parts.unique().tolist()) <= {0, 1, 2, 3}
    assert len(parts.unique()) > 1
    made = make_batch(tiny, 12, "cpu", kept)
    assert len(made.image) <= 12


def test_pictures_are_collected_with_superpixels_of_every_scale(tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "PICTURES", ("camera.png", "there_is_none.png"))
    monkeypatch.setattr(pictures, "_EDGE", 64)
    file = tmp_path / "pictures.npz"
    assert collect(file) == 1
    with np.load(file) as content:
        assert content["images"].shape == (1, 64, 64, 3)
        assert content["parts"].shape == (1, len(pictures.SCALES), 64, 64)
        counts = [len(np.unique(parts)) for parts in content["parts"][0]]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > 3
    assert Pictures(file, "cpu").crops(2, 32)[0].shape == (2, 3, 32, 32)


def test_no_medical_or_microscopic_picture_is_taken():
    others = ("cell", "mitosis", "brain", "kidney", "lily", "retina", "skin", "immuno", "nickel", "palisades", "chest")
    assert not [name for name in pictures.PICTURES if any(word in name for word in others)]
    assert len(pictures.PICTURES) == 11
