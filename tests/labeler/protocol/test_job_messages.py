"""What runs in the background: a page begins it, is told how it stands, and stops it."""

from __future__ import annotations

import pytest

from jlabel.labeler.protocol.incoming import message_types, parse
from jlabel.labeler.protocol.job_messages import JobInfo, PreAnnotationJob, ScoreImages, ScoringJob, Train, TrainingJob
from jlabel.labeler.protocol.outgoing import to_wire

JOB = JobInfo(
    id="1",
    kind="train",
    name="unet",
    title="Training unet",
    state="running",
    progress=0.5,
    left=12.5,
    device="cpu",
    begun=1.0,
    epoch=3,
    loss=0.25,
    score=None,
    score_name=None,
    outcome="",
    error="",
    notes=[],
    can_resume=False,
)


def test_a_job_is_told_with_all_its_fields() -> None:
    told = to_wire(TrainingJob(job=JOB))
    assert told["type"] == "training"
    assert (told["job"]["canResume"], told["job"]["scoreName"], told["job"]["left"]) == (False, None, 12.5)


def test_each_kind_of_job_has_a_message_of_its_own() -> None:
    assert to_wire(PreAnnotationJob(job=JOB))["type"] == "first_masks"
    assert to_wire(ScoringJob(job=JOB))["type"] == "scoring"


def test_what_is_begun_is_named() -> None:
    assert parse({"type": "train", "name": "unet"}) == Train(name="unet")
    assert parse({"type": "score", "method": "entropy"}) == ScoreImages(method="entropy")


@pytest.mark.parametrize("job", ["training", "first_masks", "scoring"])
@pytest.mark.parametrize("what", ["cancel", "resume"])
def test_every_job_can_be_stopped_and_gone_on_with(what: str, job: str) -> None:
    kind = f"{what}_{job}"
    assert parse({"type": kind}) == message_types()[kind]()
