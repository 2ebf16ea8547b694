"""How far the work on an image is, as its label, its leases and its reviews say: it is kept nowhere by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, not_, select

from jlabel.datastores.browsing import WorkState
from jlabel.datastores.tables import ImageRow, LabelRow
from jlabel.datastores.team_tables import LeaseRow, ReviewRow


def in_work_state(state: WorkState, final: ColumnElement[bool], tag: str, now: float) -> list[ColumnElement[bool]]:
    """What holds for the images in a state.

    Args:
        state: The state.
        final: Whether an image has a label of the tag.
        tag: The tag of the labels that people make.
        now: The time by which leases run out.
    """
    leased = exists().where(LeaseRow.image_pk == ImageRow.pk, LeaseRow.until >= now)
    if state == "in_progress":
        return [leased.where(LeaseRow.purpose != "review")]
    if state == "in_review":
        return [leased.where(LeaseRow.purpose == "review")]
    if state == "to_do":
        return [not_(final), ~leased]
    if state == "done":
        return [final, ~leased, ~_judged(tag)]
    return [~leased, _judged(tag).where(ReviewRow.verdict == state)]


def work_of(
    connection: Connection, pks: Sequence[int], tag: str, now: float
) -> tuple[dict[int, tuple[str, str]], dict[int, str]]:
    """Who has each of these images and for what, and the verdict on its label; of those images that have one."""
    leases = select(LeaseRow.image_pk, LeaseRow.holder, LeaseRow.purpose).where(
        LeaseRow.image_pk.in_(pks), LeaseRow.until >= now
    )
    verdicts = (
        select(ReviewRow.image_pk, ReviewRow.verdict)
        .join(LabelRow, (LabelRow.image_pk == ReviewRow.image_pk) & (LabelRow.tag == ReviewRow.tag))
        .where(ReviewRow.image_pk.in_(pks), ReviewRow.tag == tag, *_of_current_version())
    )
    held = {row.image_pk: (row.holder, row.purpose) for row in connection.execute(leases)}
    return held, {row.image_pk: row.verdict for row in connection.execute(verdicts)}


def work_state(labelled: bool, purpose: str | None, verdict: Any) -> WorkState:
    """The state of an image.

    Args:
        labelled: Whether it has a label that a person made.
        purpose: What somebody has it for now; None where nobody has it.
        verdict: The last verdict on the current version of its label; None where there is none.
    """
    if purpose is not None:
        return "in_review" if purpose == "review" else "in_progress"
    state: WorkState = verdict or ("done" if labelled else "to_do")
    return state


def _judged(tag: str) -> Any:
    label = (LabelRow.image_pk == ReviewRow.image_pk, LabelRow.tag == ReviewRow.tag)
    return exists().where(ReviewRow.image_pk == ImageRow.pk, ReviewRow.tag == tag, *label, *_of_current_version())


def _of_current_version() -> tuple[Any, Any]:
    return ReviewRow.latest, ReviewRow.number == LabelRow.number
