"""What a step of the loop has done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from jlabel.display.html import facts_html


@dataclass
class SendReport:
    """What was sent.

    Attributes:
        round: The number of the round; 0 where there was nothing to send.
        images: The images that went out.
        tasks: The numbers of the tasks on the server.
        why_not: Why nothing was sent; "" where something was.
        left_out: Images that could not be sent, and why.

    Examples:
        >>> print(jlabel.SendReport(round=3, images=["case_0", "case_1"], tasks=[17]))
        round: 3
        sent: 2
    """

    round: int = 0
    images: list[str] = field(default_factory=list)
    tasks: list[int] = field(default_factory=list)
    why_not: str = ""
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def facts(self) -> dict[str, Any]:
        """The report in figures."""
        return {"round": self.round or None, "sent": len(self.images), "nothing sent": self.why_not or None}

    def __str__(self) -> str:
        lines = [f"{key}: {value}" for key, value in self.facts.items() if value is not None]
        return "\n".join([*lines, *_reasons("left out", self.left_out)])

    def _repr_html_(self) -> str:
        return facts_html("Sent to CVAT", self.facts, _reasons("left out", self.left_out))


@dataclass
class PullReport:
    """What came back.

    Attributes:
        saved: The images that have a new label.
        kept_both: Images that had a newer label here: what came back was saved under the tag ``cvat``.
        problems: Jobs that were left alone, and why.
        lost: Tasks that the server has no more; their images can go out again.
        tagged: The images that have a new tag.
        tags_kept: Images that were tagged here since they were sent, and what they are tagged with here and there.
        unknown_tags: Names of frames' tags that the app has no class for.

    Examples:
        >>> print(jlabel.PullReport(saved=["case_0"], problems={"job 4": "frame 0 has a polyline, which has no area"}))
        saved: 1
        left alone: job 4: frame 0 has a polyline, which has no area
    """

    saved: list[str] = field(default_factory=list)
    kept_both: list[str] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)
    lost: list[int] = field(default_factory=list)
    tagged: list[str] = field(default_factory=list)
    tags_kept: dict[str, str] = field(default_factory=dict)
    unknown_tags: set[str] = field(default_factory=set)

    @property
    def facts(self) -> dict[str, Any]:
        """The report in figures."""
        return {
            "saved": len(self.saved),
            "tagged": len(self.tagged) or None,
            "kept beside a newer label": len(self.kept_both) or None,
        }

    def _notes(self) -> list[str]:
        lost = [f"task {number} is gone from the server: its images can go out again" for number in self.lost]
        beside = [f"{image_id}: labelled here meanwhile; both labels are kept" for image_id in self.kept_both]
        tags = [f"{image_id}: tagged here meanwhile: {said}" for image_id, said in self.tags_kept.items()]
        unknown = [f"frames are tagged {name!r}, which is no class of a tag here" for name in sorted(self.unknown_tags)]
        return [*lost, *beside, *tags, *unknown, *_reasons("left alone", self.problems)]

    def __str__(self) -> str:
        lines = [f"{key}: {value}" for key, value in self.facts.items() if value is not None]
        return "\n".join([*lines, *self._notes()])

    def _repr_html_(self) -> str:
        return facts_html("Fetched from CVAT", self.facts, self._notes())


def _reasons(what: str, reasons: dict[str, str]) -> list[str]:
    return [f"{what}: {name}: {why}" for name, why in reasons.items()]
