"""How a loop goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jlabel.errors import TaskError

_SHORTEST_POLL = 0.05


@dataclass(frozen=True)
class LoopSettings:
    """How a loop of active learning goes.

    Attributes:
        project: The project on the server; made where there is none.
        strategy: By which the images of a round are chosen, by its name in the app.
        top_k: How many images a round has.
        train: The train task that learns from what comes back; "" for none.
        train_options: What it is given, such as ``{"max_seconds": 600}``.
        rounds_out: How many rounds are out at most at a time.
        rounds: After how many rounds the loop is done; None where it goes on until all images are labelled.
        segment_size: How many pictures a job in CVAT has; 1 lets people work side by side.
        accepted: Whether a job's labels count only once its stage is *acceptance*.
        pre_annotate: Whether pictures go out with the model's masks, once there is a model, and with their tags.
        diverse: Whether the images of a round are spread over what is uncertain; if not, they are those with the
            highest scores, exactly.
        poll: Seconds between two looks at the server while something happens there, and at most.

    Examples:
        >>> settings = jlabel.LoopSettings("polyps", strategy="entropy", top_k=20, train_options={"max_seconds": 600})
        >>> settings.rounds_out
        1
        >>> try:
        ...     jlabel.LoopSettings("polyps", top_k=0)
        ... except jlabel.TaskError as error:
        ...     print(error)
        top_k is a whole number from 1 on, not 0
    """

    project: str
    strategy: str = "epistemic"
    top_k: int = 10
    train: str = "segmentation"
    train_options: Mapping[str, Any] = field(default_factory=dict, hash=False)
    rounds_out: int = 1
    rounds: int | None = None
    segment_size: int = 1
    accepted: bool = False
    pre_annotate: bool = True
    diverse: bool = False
    poll: tuple[float, float] = (5.0, 60.0)

    def __post_init__(self) -> None:
        for name, least in (("top_k", 1), ("rounds_out", 1), ("segment_size", 0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise TaskError(f"{name} is a whole number from {least} on, not {value!r}")
        if self.rounds is not None and (not isinstance(self.rounds, int) or self.rounds < 1):
            raise TaskError(f"rounds is a whole number from 1 on, or None, not {self.rounds!r}")
        if not self.project.strip():
            raise TaskError("project is the name of a project in CVAT; it is empty")
        shortest, longest = self.poll
        if not _SHORTEST_POLL <= shortest <= longest:
            raise TaskError(f"poll is two numbers of seconds, the smaller one first, not {self.poll!r}")
