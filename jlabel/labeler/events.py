"""What a labeler tells those who listen to it: one small class for each event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

EventName = Literal["opened", "saved", "changed", "version"]


@dataclass(frozen=True)
class ImageOpened:
    """``"opened"``: an image is open, in the place of another one.

    Attributes:
        image_id: The image.
        version: The version of its saved label that the draft began with; None without a label.
    """

    image_id: str
    version: int | None


@dataclass(frozen=True)
class LabelSaved:
    """``"saved"``: the draft is saved.

    Attributes:
        image_id: The image.
        tag: Under which tag.
        version: The number of the new version; None where the datastore gives none.
    """

    image_id: str
    tag: str
    version: int | None


@dataclass(frozen=True)
class DraftChanged:
    """``"changed"``: the draft was changed, by a person or a model, or a change was taken back.

    Attributes:
        image_id: The image.
        dirty: Whether the draft has changes that are not saved.
    """

    image_id: str
    dirty: bool


@dataclass(frozen=True)
class ModelVersionChanged:
    """``"version"``: a version of a model was taken into use, or was published and is kept.

    Attributes:
        model: The model; of a version that is not in use, its train task.
        version: The number of the version.
        in_use: Whether the model uses it from now on.
    """

    model: str
    version: int
    in_use: bool


LabelerEvent = ImageOpened | LabelSaved | DraftChanged | ModelVersionChanged

EVENT_NAMES: dict[type[LabelerEvent], EventName] = {
    ImageOpened: "opened",
    LabelSaved: "saved",
    DraftChanged: "changed",
    ModelVersionChanged: "version",
}
