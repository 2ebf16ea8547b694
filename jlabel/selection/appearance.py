"""What images look like, without a model: their features and how much of them is bright."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jlabel.datastores import Datastore, Score
from jlabel.datastores.patients import patient_in
from jlabel.errors import TaskError
from jlabel.imaging import Image, read_image
from jlabel.imaging.formats.dicom_patient import patient_id
from jlabel.parts import PartRun, map_parts
from jlabel.selection.appearance_vector import appearance
from jlabel.selection.feature_kinds import APPEARANCE
from jlabel.tasks.followed_datastore import FollowedDatastore
from jlabel.tasks.scoring import AloneRun, ScoringMethod, ScoringRun


class Appearance(ScoringMethod):
    """A scoring method that needs no model: what images look like, for strategies that choose unlike or typical ones.

    The score is the share of the image that is bright. Images that are labelled are looked at too: what is chosen is to
    be unlike these. Each image is looked at once.

    Args:
        description: Shown to users.

    Examples:
        >>> datastore = jlabel.LocalDatastore(studies)
        >>> answer = jlabel.Appearance()({}, datastore)
        >>> answer["done"], answer["already"], answer["left_out"]
        (3, 0, {})
        >>> ids, features = datastore.scores.features("appearance")
        >>> ids, features.shape
        (('case_0', 'case_1', 'case_2'), (3, 546))
    """

    by_image = True

    def __init__(self, description: str = "What images look like; needs no model") -> None:
        super().__init__(description)

    def __call__(self, request: Mapping[str, Any], datastore: Datastore) -> dict[str, Any]:
        """Look at the images that were not looked at yet; one that cannot be read is named and left out.

        Args:
            request: ``images`` may be a list of ids; anything else means all images.
            datastore: The images.

        Returns:
            ``done`` (how many were looked at), ``already`` (had been before) and ``left_out`` (why, by image).

        Raises:
            TaskError: No image could be read.
            DatastoreError: The scores cannot be written.
        """
        run: ScoringRun = request.get("run") or AloneRun()
        given = request.get("images")
        images = datastore.list_images() if given is None or isinstance(given, str) else list(given)
        known = datastore.scores.scored(APPEARANCE)
        waiting = [image_id for image_id in images if image_id not in known]
        left_out: dict[str, str] = {}
        start = time.monotonic()
        for count, result in enumerate(map_parts(run, _Look(datastore), waiting), start=1):
            if result.error:
                left_out[result.item] = result.error
                run.note(f"image {result.item!r} is left out: {result.error}")
                continue
            if isinstance(datastore, FollowedDatastore):
                datastore.done_with(result.item)
            run.progress(count / len(waiting), (time.monotonic() - start) / count * (len(waiting) - count))
        if waiting and len(left_out) == len(images):
            raise TaskError(f"none of {len(waiting)} images could be read; the last: {left_out.popitem()[1]}")
        return {"done": len(waiting) - len(left_out), "already": len(images) - len(waiting), "left_out": left_out}


@dataclass(frozen=True)
class _Look:
    """What is done with one image; see :data:`jlabel.parts.Part`."""

    datastore: Datastore

    def __call__(self, image_id: str, run: PartRun) -> bool:
        _save(self.datastore, image_id, read_image(self.datastore.get_image_uri(image_id)))
        return True


def _save(datastore: Datastore, image_id: str, image: Image) -> None:
    start = time.monotonic()
    vector, share = appearance(image)
    extent = [step * count for step, count in zip(image.spacing, image.shape, strict=True)]
    info = {"extent_mm": extent, "spacing": list(image.spacing)}
    patient = patient_id(image.path) if image.path is not None else ""
    if patient and not patient_in(datastore.get_image_info(image_id)):
        # So that two images of one patient can be told; the number itself stays in the patient's files.
        datastore.update_image_info(image_id, {"patient": hashlib.sha256(patient.encode()).hexdigest()[:12]})
    score = Score(image_id, APPEARANCE, share, seconds=time.monotonic() - start, info=info)
    datastore.scores.save([score], {APPEARANCE: vector})
