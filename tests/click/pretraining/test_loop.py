"""The training loop at a tiny design: what it learns, and that it goes on where it was broken off."""

from __future__ import annotations

import hashlib
import json

import pytest
import torch
from safetensors.torch import load_file

from jlabel.click.inputs import network_input
from jlabel.click.network import DESIGNS, make_network, put_weights
from jlabel.click.pretraining import __main__ as command
from jlabel.click.pretraining import loop
from jlabel.click.pretraining.batch_annotator import Drawn
from jlabel.click.pretraining.batches import Batch, make_batch
from jlabel.click.pretraining.checkpoint import Settings, begin, export, keep
from jlabel.click.pretraining.loop import filled, first_prompts, learn, loss_of, measure, run
from jlabel.errors import TaskError


@pytest.fixture
def settings(tiny):
    return Settings(tiny, seconds=60.0, batch=6, rate=5e-3)


def weights(network: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: p.detach().clone() for name, p in network.named_parameters()}


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_some_steps_lower_the_loss_on_a_batch_that_stays(settings, monkeypatch):
    state = begin(settings, None)
    state.steps = 200  # beyond the warming up
    made = make_batch(settings.design, 6, "cpu", None)
    drawn, before = first_prompts(made.target, settings.design.disc)

    def loss() -> float:
        with torch.no_grad():
            seen = network_input(made.image, drawn.positive, drawn.negative, drawn.region, before)
            return float(loss_of(state.network(seen), made.target, drawn))

    monkeypatch.setattr(loop, "make_batch", lambda *_: made)
    first = loss()
    for _ in range(12):
        learn(settings, state, None)
    assert loss() < first


def test_a_batch_is_learnt_from_in_four_rounds_and_the_average_follows(settings):
    state = begin(settings, None)
    network, average = weights(state.network), weights(state.average)
    learn(settings, state, None)
    assert state.steps == 4
    assert 0 < state.samples <= 4 * settings.batch
    assert not same(network, weights(state.network))
    assert not same(average, weights(state.average))
    assert not state.average.training


def test_a_batch_without_a_structure_is_passed_over(settings, monkeypatch):
    state = begin(settings, None)
    nothing = torch.zeros(0, 1, 32, 32)
    monkeypatch.setattr(loop, "make_batch", lambda *_: Batch(torch.zeros(0, 3, 32, 32), nothing, nothing))
    learn(settings, state, None)
    assert state.steps == state.samples == 0


def test_a_short_batch_is_filled_with_its_first_items_again():
    image = torch.arange(3.0).view(3, 1, 1, 1)
    found = filled(Batch(image, image + 10, image + 20), 8)
    assert found.image.flatten().tolist() == [0, 1, 2, 0, 1, 2, 0, 1]
    assert found.target.flatten().tolist() == [10, 11, 12, 10, 11, 12, 10, 11]
    assert found.others.shape == (8, 1, 1, 1)


def test_a_compiled_network_sees_batches_of_one_length_and_counts_what_was_made(settings, monkeypatch):
    seen = []
    monkeypatch.setattr(torch, "compile", lambda network: lambda x: (seen.append(len(x)), network(x))[1])
    settings.compiled = True
    state = begin(settings, None)
    made = make_batch(settings.design, 6, "cpu", None)
    short = Batch(made.image[:2], made.target[:2], made.others[:2])
    monkeypatch.setattr(loop, "make_batch", lambda *_: short)
    learn(settings, state, None)
    assert seen == [settings.batch] * 4
    assert state.samples == 8


def test_a_training_goes_on_from_its_checkpoint(settings, tmp_path):
    file = tmp_path / "click.pt"
    state = begin(settings, file)
    learn(settings, state, None)
    state.spent, state.curve = 12.0, [{"samples": 24, "dice_1": 0.5}]
    keep(state, file)
    again = begin(settings, file)
    assert (again.steps, again.samples, again.spent, again.curve) == (4, state.samples, 12.0, state.curve)
    assert same(weights(again.network), weights(state.network))
    assert same(weights(again.average), weights(state.average))
    learn(settings, again, None)
    assert again.steps == 8
    assert [file.name for file in tmp_path.iterdir()] == ["click.pt"]


def test_a_checkpoint_holds_each_parameter_once(settings, tmp_path):
    keep(begin(settings, None), tmp_path / "click.pt")
    content = torch.load(tmp_path / "click.pt", weights_only=True)
    count = len(list(make_network(settings.design).parameters()))
    assert len(content["network"]) == len(content["average"]) == count


def test_a_checkpoint_of_another_design_is_refused(settings, tmp_path):
    keep(begin(settings, None), tmp_path / "click.pt")
    settings.design = DESIGNS[2]
    with pytest.raises(TaskError, match="another click network"):
        begin(settings, tmp_path / "click.pt")


def test_the_average_is_exported_as_float16_under_its_sha256(settings, tmp_path):
    state, file = begin(settings, None), tmp_path / "click_2d.safetensors"
    learn(settings, state, None)
    assert export(state, file) == hashlib.sha256(file.read_bytes()).hexdigest()
    tensors = load_file(file)
    assert {tensor.dtype for tensor in tensors.values()} == {torch.float16}
    network = make_network(settings.design)
    put_weights(network, tensors)
    for name, parameter in state.average.named_parameters():
        assert torch.allclose(dict(network.named_parameters())[name], parameter, atol=1e-3, rtol=1e-3)


def test_weights_with_colours_beside_each_other_are_exported_alike(settings, tmp_path):
    plain = export(begin(settings, None), tmp_path / "plain.safetensors")
    settings.channels_last = True
    assert export(begin(settings, None), tmp_path / "last.safetensors") == plain


def test_first_prompts_are_clicks_outlines_and_corrections(tiny):
    target = torch.zeros(60, 1, 32, 32)
    target[..., 8:24, 8:24] = 1
    drawn, before = first_prompts(target, tiny.disc)
    started = before.flatten(1).amax(dim=1) > 0
    outlined = drawn.region.flatten(1).amax(dim=1) > 0
    clicked = (drawn.positive + drawn.negative).flatten(1).amax(dim=1) > 0
    assert 6 < int(started.sum()) < 32
    assert not (started & outlined).any()
    assert (clicked | outlined | started).all()
    assert (outlined & ~clicked).any()


def test_a_loss_is_lower_for_the_better_answer_and_an_error_at_a_prompt_costs_more():
    target = torch.zeros(1, 1, 16, 16)
    target[..., 4:12, 4:12] = 1
    nothing = Drawn.nothing(target)
    right, wrong = (target * 2 - 1) * 4, (target * 2 - 1) * 4
    wrong[..., 4:6, 4:12] = -4
    assert loss_of(right, target, nothing) < loss_of(wrong, target, nothing)
    told = Drawn.nothing(target)
    told.positive[..., 4:6, 4:12] = 1
    assert loss_of(wrong, target, told) > loss_of(wrong, target, nothing)


def test_a_measurement_is_the_same_every_time_and_moves_no_random_numbers(settings):
    network = begin(settings, None).average
    before = torch.random.get_rng_state()
    one, two = (measure(settings, network, batches=1, clicks=5) for _ in range(2))
    assert one == two
    assert set(one) == {"dice_1", "dice_3", "dice_5", "dropped"}
    assert torch.equal(before, torch.random.get_rng_state())


def test_a_run_ends_after_its_seconds_and_tells_what_it_measured(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "measure", lambda *_: {"dice_1": 0.5})
    settings.seconds, told = 0.3, []
    state = begin(settings, None)
    run(settings, state, tmp_path / "click.pt", None, told.append)
    assert state.spent >= 0.3
    assert told[-1]["steps"] == state.steps > 0
    again = begin(settings, tmp_path / "click.pt")
    run(settings, again, tmp_path / "click.pt", None, told.append)
    assert again.steps == state.steps


def test_the_command_trains_goes_on_and_exports(tiny, tmp_path, monkeypatch, capsys, pictures_file):
    monkeypatch.setitem(DESIGNS, 2, tiny)
    file = tmp_path / "out.safetensors"
    arguments = ["2", "--folder", str(tmp_path / "model"), "--pictures", str(pictures_file), "--device", "cpu"]
    arguments += ["--batch", "4", "--export", str(file)]
    assert command.main([*arguments, "--seconds", "1"]) == 0
    *measured, exported = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"steps", "samples", "dice_1", "dice_5"} <= set(measured[-1])
    assert exported == {"exported": str(file), "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
    # A busy machine may take longer than a second for the first step alone.
    assert command.main([*arguments, "--seconds", str(measured[-1]["seconds"] + 3)]) == 0
    later = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert later[-2]["steps"] > measured[-1]["steps"]
    assert later[-1]["sha256"] != exported["sha256"]
