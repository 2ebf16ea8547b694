"""Where measures of labels are kept, so that a label is read once for each of its versions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from jlabel.datastores import FINAL, Datastore
from jlabel.datastores.scores import Score
from jlabel.files.json_values import finite
from jlabel.selection.review.label_measures import LabelMeasures
from jlabel.selection.review.prediction_checks import Prediction

METHOD = "label_quality"


class LabelKey(NamedTuple):
    """A version of an image's label."""

    image_id: str
    version: int


class KeptMeasures:
    """The measures of a datastore's labels, among its scores: rows of the method ``"label_quality"``.

    Args:
        datastore: The datastore.
        tag: Of which labels.
    """

    def __init__(self, datastore: Datastore, tag: str = FINAL) -> None:
        self._scores = datastore.scores
        self._method = METHOD if tag == FINAL else f"{METHOD}/{tag}"

    def measures(self) -> dict[LabelKey, LabelMeasures]:
        """Those that were kept and can be read, by image and version of the label."""
        table = self._scores.table(self._method)
        found = {}
        for image_id, info in zip(table.ids, table.info, strict=True):
            measures = LabelMeasures.from_json(info.get("measures"))
            version = _count(info.get("label_version"))
            if measures is not None and version is not None:
                found[LabelKey(image_id, version)] = measures
        return found

    def predictions(self) -> dict[LabelKey, Prediction]:
        """What models say of the labels: those that have not learnt from a label first, then the newest versions."""
        found: dict[LabelKey, Prediction] = {}
        for kept in self._scores.sets(self._method):
            if kept.model:
                table = self._scores.table(kept.method, kept.model, kept.version)
                for image_id, info in zip(table.ids, table.info, strict=True):
                    version = _count(info.get("label_version"))
                    one = _prediction(kept.model, kept.version, info)
                    key = LabelKey(image_id, version or 0)
                    if version is not None and (key not in found or not one.trained_on or found[key].trained_on):
                        found[key] = one
        return found

    def judged(self, model: str, version: int) -> set[LabelKey]:
        """The labels that this version of a model has judged."""
        table = self._scores.table(self._method, model, version)
        rows = zip(table.ids, table.info, strict=True)
        return {LabelKey(image_id, _count(info.get("label_version")) or 0) for image_id, info in rows}

    def keep(self, measures: Mapping[LabelKey, LabelMeasures]) -> None:
        """Keep the measures of labels, all or none.

        Raises:
            DatastoreError: They cannot be written.
        """
        self._scores.save(
            Score(key.image_id, self._method, math.nan, info={"label_version": key.version, "measures": one.to_json()})
            for key, one in measures.items()
        )

    def keep_prediction(self, key: LabelKey, one: Prediction, names: Mapping[int, str], seconds: float = 0.0) -> None:
        """Keep what a model says of a label.

        Raises:
            DatastoreError: It cannot be written.
        """
        figures = one.quality or one.dice
        by_label = {names[value]: 1 - figure for value, figure in figures.items() if value in names}
        info = {
            "label_version": key.version,
            "trained_on": one.trained_on,
            "quality": {str(value): figure for value, figure in one.quality.items()},
            "dice": {str(value): figure for value, figure in one.dice.items()},
        }
        value = max(by_label.values(), default=math.nan)
        score = Score(key.image_id, self._method, value, one.model, one.version, by_label, seconds, info=info)
        self._scores.save([score])


def _prediction(model: str, version: int, info: Mapping[str, Any]) -> Prediction:
    figures = {name: dict(_figures(info.get(name))) for name in ("quality", "dice")}
    return Prediction(model, version, info.get("trained_on") is True, figures["quality"], figures["dice"])


def _figures(kept: Any) -> Iterable[tuple[int, float]]:
    for value, figure in kept.items() if isinstance(kept, Mapping) else ():
        number = finite(figure)
        if str(value).isdecimal() and number is not None:
            yield int(value), number


def _count(kept: Any) -> int | None:
    return kept if isinstance(kept, int) and not isinstance(kept, bool) and kept > 0 else None
