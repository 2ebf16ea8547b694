"""Parts about structures, how they are looked at in training, and sessions that judge a network."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from jlabel.click.answer import ClickNetwork
from jlabel.click.network import DESIGNS
from jlabel.click.pretraining.batch_annotator import Drawn
from jlabel.click.training.parts import BACKGROUND, OTHER, STRUCTURE, Parts, cut_parts
from jlabel.click.training.rounds import click, first_prompts, known_loss, standing
from jlabel.click.training.sessions import ClickSession
from jlabel.click.training.views import RandomView
from jlabel.prompts import Click
from jlabel.training.labelled_images import IGNORED


def labelled(shape=(40, 40)):
    label = np.zeros(shape, np.int16)
    label[10:20, 10:16] = 1
    label[25:31, 25:31] = 1
    label[0:9, 30:39] = 2
    label[35, 38] = 1
    label[35, 0] = IGNORED
    return label


def test_each_connected_piece_is_a_structure_and_other_pieces_of_its_class_are_unknown():
    found = list(cut_parts(np.zeros((40, 40), np.float32), labelled(), (2.0, 1.0)))
    assert [(part.of_class, part.extent) for part in found] == [(2, 18.0), (1, 20.0), (1, 12.0)]
    part = found[1]
    box = part.structure
    assert (part.classes[box.slices] == STRUCTURE).sum() == 60
    assert set(np.unique(part.classes)) == {BACKGROUND, STRUCTURE, OTHER, IGNORED}
    assert (part.classes == IGNORED).sum() == 36 + 1 + 1


def test_a_part_is_cut_to_the_image_and_has_room_for_every_look():
    label = np.zeros((200, 30), np.int16)
    label[90:100, 10:16] = 1
    (part,) = cut_parts(np.zeros((200, 30), np.float32), label, (1.0, 1.0))
    assert part.classes.shape == (46, 30)
    assert part.structure.lower == (18, 10)


def test_what_is_finer_than_any_look_is_kept_in_blocks():
    label = np.zeros((300, 300), np.int16)
    label[50:250, 60:240] = 1
    image = np.repeat(np.arange(300, dtype=np.float32)[:, None], 300, axis=1)
    (part,) = cut_parts(image, label, (0.5, 0.5))
    assert part.spacing == (1.5, 1.5)
    assert part.classes.shape == (100, 100)
    np.testing.assert_allclose(part.image[:2, 0], [1.0, 4.0])
    assert (part.classes == STRUCTURE).sum() == pytest.approx(200 * 180 / 9, rel=0.03)


def test_copies_of_parts_take_no_memory():
    parts = Parts(cut_parts(np.zeros((40, 40), np.float32), labelled(), (1.0, 1.0)))
    assert copy.deepcopy(parts) is parts
    assert parts.nbytes == sum(5 * part.classes.size for part in parts)


@pytest.mark.parametrize("dimension", [2, 3])
def test_a_look_shows_the_structure_and_is_the_same_for_the_same_seed(dimension):
    shape = (30, 26, 20)[:dimension]
    label = np.zeros(shape, np.int16)
    label[(slice(8, 16),) * dimension] = 1
    parts = Parts(cut_parts(np.random.default_rng(0).random(shape, np.float32), label, (1.0,) * dimension))
    seen = []
    for _ in range(2):
        random = RandomView(DESIGNS[dimension])
        random.set_random_state(3)
        seen.append([random({"image": parts, "id": "a"}) for _ in range(3)])
    for one, other in zip(*seen, strict=True):
        assert torch.equal(one["image"], other["image"])
        assert one["image"].shape == (DESIGNS[dimension].colours, *one["label"].shape[1:])
        assert {BACKGROUND, STRUCTURE} <= set(one["label"].unique().tolist()) <= {-1, 0, 1}
        assert all(n % 16 == 0 for n in one["label"].shape[1:])


def test_prompts_fit_samples_that_are_no_cubes_and_point_at_errors():
    torch.manual_seed(0)
    target = torch.zeros(1, 1, 32, 48, 16)
    target[..., 8:20, 10:30, 4:12] = 1
    for _ in range(8):
        drawn, before = first_prompts(target, DESIGNS[3])
        assert before.shape == drawn.positive.shape == target.shape
        assert any(bool(t.any()) for t in (drawn.positive, drawn.negative, drawn.region))
    drawn = Drawn.nothing(target)
    click(drawn, target, target.clone(), DESIGNS[3])
    assert not drawn.positive.any()
    click(drawn, target, torch.zeros_like(target), DESIGNS[3])
    assert drawn.positive.any()
    assert not drawn.negative.any()


def test_of_an_answer_only_the_parts_that_were_clicked_stand_and_the_unknown_counts_as_right():
    label = torch.zeros(1, 1, 16, 16)
    label[..., 2:6, 2:6], label[..., 12:, :] = STRUCTURE, IGNORED
    logits = torch.full((1, 1, 16, 16), -1.0)
    logits[..., 2:7, 2:6] = logits[..., 9:11, 9:11] = logits[..., 13:, :] = 1.0
    drawn = Drawn.nothing(label)
    drawn.positive[..., 3, 3] = 1
    mask = standing(logits, label, drawn, torch.zeros_like(label))
    assert mask.sum() == 20
    assert mask[..., 2:7, 2:6].all()


def test_the_loss_does_not_see_the_unknown():
    label = torch.zeros(1, 1, 16, 16)
    label[..., 2:6, 2:6], label[..., 8:, :] = STRUCTURE, IGNORED
    logits = torch.randn(1, 1, 16, 16)
    other = torch.where(label == IGNORED, torch.randn(1, 1, 16, 16), logits)
    assert torch.equal(*(known_loss(t, label, Drawn.nothing(label)) for t in (logits, other)))


class Threshold(torch.nn.Module):
    """Answers that what is bright is inside."""

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return inputs[:, :1]


def test_a_session_takes_the_clicked_part_and_looks_as_far_as_is_to_be_expected():
    truth = np.zeros((80, 80), bool)
    truth[20:30, 20:30] = True
    image = (truth * 100.0).astype(np.float32)
    image[60:70, 60:70] = 100
    session = ClickSession(ClickNetwork(Threshold(), DESIGNS[2]), image, (1.0, 1.0), 30.0)
    *_, mask = session.masks(truth, 2)
    np.testing.assert_array_equal(mask, truth)
    empty = np.zeros_like(truth)
    assert session.view([Click((40, 40))], empty).region.shape == (75, 75)
    found = empty.copy()
    found[40:60, 40:44] = True
    view = session.view([Click((40, 40)), Click((50, 47), False)], found)
    assert (view.region.lower, view.region.upper) == ((25, 19), (75, 69))
