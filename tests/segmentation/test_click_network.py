"""Networks for pictures begin with what the click tool's network knows."""

from __future__ import annotations

import pytest
import torch

from jlabel.click.network import shipped_network
from jlabel.segmentation.click_network import NEGATIVE, POSITIVE, PictureNetwork, begin_with_click_weights
from jlabel.selection.scoring.dropout import dropout_passes


def test_a_picture_in_colours_is_seen_as_the_click_tool_sees_it() -> None:
    network = PictureNetwork(5, 3).eval()
    begin_with_click_weights(network, 3, (POSITIVE, NEGATIVE))
    known = shipped_network(2)
    there = dict(known.named_parameters())
    for name, parameter in network.named_parameters():
        if not name.startswith(("output_block", "input_block.conv1", "input_block.conv3")):
            assert torch.equal(parameter, there[name])
    given = torch.randn(1, 5, 32, 48)
    seen = torch.zeros(1, 8, 32, 48)
    seen[:, [0, 1, 2, POSITIVE, NEGATIVE]] = given
    with torch.no_grad():
        assert torch.allclose(network.input_block(given), known.input_block(seen), atol=1e-5)


def test_grey_is_as_three_equal_colours() -> None:
    grey, colours = PictureNetwork(1, 2).eval(), PictureNetwork(3, 2).eval()
    begin_with_click_weights(grey, 1)
    begin_with_click_weights(colours, 3)
    picture = torch.randn(1, 1, 32, 32)
    with torch.no_grad():
        one, three = grey.input_block(picture), colours.input_block(picture.expand(1, 3, 32, 32))
    assert torch.allclose(one, three, atol=1e-5)


@pytest.mark.parametrize("size", [(32, 32), (37, 50), (3, 5)])
def test_pictures_of_any_size_are_taken(size: tuple[int, int]) -> None:
    assert PictureNetwork(3, 4)(torch.randn(2, 3, *size)).shape == (2, 4, *size)


def test_with_dropout_it_begins_with_the_same_weights_and_drops_in_the_deeper_stages() -> None:
    plain, dropping = PictureNetwork(3, 2).eval(), PictureNetwork(3, 2, dropout=0.3)
    begin_with_click_weights(plain, 3)
    dropping.load_state_dict(plain.state_dict())
    picture = torch.randn(1, 3, 32, 32)
    with torch.no_grad():
        assert torch.allclose(plain(picture), dropping.eval()(picture), atol=1e-5)
        once, again = (dropping.train()(picture) for _ in range(2))
    assert not torch.allclose(once, again)
    full_grid = (dropping.input_block, dropping.upsamples[-1])
    assert not any(isinstance(part, torch.nn.Dropout) for block in full_grid for part in block.modules())


def test_passes_with_dropout_work_the_first_stage_out_once() -> None:
    network = PictureNetwork(3, 2, dropout=0.3).eval()
    calls: list[tuple[int, ...]] = []
    network.input_block.conv1.register_forward_hook(lambda *given: calls.append(tuple(given[-1].shape)))
    passes = [output.clone() for output in dropout_passes(network, torch.randn(1, 3, 32, 32), 4, seed=0)]
    assert (len(passes), len(calls)) == (4, 1)
    assert not torch.equal(passes[1], passes[2])
