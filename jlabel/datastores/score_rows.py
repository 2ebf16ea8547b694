"""Scores and features in the catalogue."""

# ruff: noqa: D102 - the methods are documented in Scores

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, Select, String, bindparam, delete, insert, select, type_coerce, update

from jlabel.datastores.catalogue import Catalogue
from jlabel.datastores.database.address import PostgresAddress
from jlabel.datastores.database.statements import Upsert
from jlabel.datastores.image_queue import SKIPPED, WAITING, chunks
from jlabel.datastores.image_rows import find_image
from jlabel.datastores.label_version import FINAL
from jlabel.datastores.score_queue import LABELED, WAIT
from jlabel.datastores.score_values import as_float, checked, noted, score_table, vector_bytes, vectors
from jlabel.datastores.scores import Score, Scores, ScoreSet, ScoreTable
from jlabel.datastores.setting_rows import get_setting, set_setting
from jlabel.datastores.tables import PRESENT, FeatureRow, ImageRow, LabelRow, ScoreRow, ScoreSetRow
from jlabel.errors import DatastoreError
from jlabel.files.json_values import LATEST, finite

_STAMP = "scores_saved"
_LARGEST = 1.7e308
_COLUMNS = ("set_pk", "image_pk", "image_id", "queue", "value", "by_label", "seconds", "time", "info")
_SAVE = Upsert(ScoreRow, _COLUMNS, ("set_pk", "image_pk"))
_SAVE_FEATURES = Upsert(
    FeatureRow, ("kind", "model", "version", "image_pk", "vector"), ("kind", "model", "version", "image_pk")
)
_SET = select(ScoreSetRow.pk).where(
    ScoreSetRow.method == bindparam("method"),
    ScoreSetRow.model == bindparam("model"),
    ScoreSetRow.version == bindparam("version"),
)
_ROW = (
    ImageRow.id,
    ScoreSetRow.method,
    ScoreSetRow.model,
    ScoreSetRow.version,
    ScoreRow.value,
    ScoreRow.by_label,
    ScoreRow.seconds,
    ScoreRow.time,
    ScoreRow.info,
)
_SCORES = (
    select(*_ROW)
    .select_from(ScoreRow)
    .join(ScoreSetRow, ScoreSetRow.pk == ScoreRow.set_pk)
    .join(ImageRow, ImageRow.pk == ScoreRow.image_pk)
)
_SETS = (
    select(ScoreSetRow.method, ScoreSetRow.model, ScoreSetRow.version, ScoreSetRow.images, ScoreSetRow.waiting)
    .where(ScoreSetRow.images > 0)
    .order_by(ScoreSetRow.method, ScoreSetRow.model, ScoreSetRow.version)
)
_SETS_OF_METHOD = _SETS.where(ScoreSetRow.method == bindparam("method"))
_FEATURES = (
    select(ImageRow.id, FeatureRow.vector)
    .join(ImageRow, ImageRow.pk == FeatureRow.image_pk)
    .where(
        FeatureRow.kind == bindparam("kind"),
        FeatureRow.model == bindparam("model"),
        FeatureRow.version == bindparam("version"),
        ImageRow.state == PRESENT,
    )
)
_FEATURES_BY_ID = _FEATURES.where(ImageRow.id.in_(bindparam("some", expanding=True)))
_FEATURES_BY_KEY = _FEATURES.where(FeatureRow.image_pk.in_(bindparam("some", expanding=True)))
_LABELED = (
    select(LabelRow.image_pk)
    .join(ImageRow, ImageRow.pk == LabelRow.image_pk)
    .where(LabelRow.tag == FINAL, LabelRow.number.is_not(None), ImageRow.queue.is_(None))
)
# What is no number sorts above all numbers: it is passed by.
_HIGHEST = (
    _SCORES.where(ScoreRow.set_pk == bindparam("set"), ScoreRow.queue == bindparam("queue"), ScoreRow.value <= _LARGEST)
    .order_by(ScoreRow.value.desc(), ScoreRow.image_id)
    .limit(bindparam("count"))
)


class CatalogueScores(Scores):
    """The scores of a catalogue's images."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def save(self, scores: Iterable[Score], features: Mapping[str, NDArray[Any]] | None = None) -> None:
        rows = [checked(score) for score in scores]
        held = {kind: vector_bytes(vector) for kind, vector in (features or {}).items()}
        if held and not rows:
            raise DatastoreError("features are saved with a score, which says of which image they are")
        # A power cut may take back the last ones: they can be computed again. A server may lose them when it is killed.
        durable = isinstance(self._catalogue.address, PostgresAddress)
        with self._catalogue.write(durable=durable) as connection:
            images = _images(connection, [score.image_id for score in rows])
            for (method, model, version), group in groupby(sorted(rows, key=_set_of), key=_set_of):
                there = [score for score in group if score.image_id in images]
                if there:
                    _save(connection, _set_key(connection, method, model, version), there, images)
            if held and rows[0].image_id in images:
                first = {"model": rows[0].model, "version": rows[0].version, "image_pk": images[rows[0].image_id].pk}
                vectors_of = [{"kind": kind, "vector": vector, **first} for kind, vector in held.items()]
                _SAVE_FEATURES.run(connection, vectors_of)
            saved = get_setting(connection, _STAMP) or "0"
            set_setting(connection, _STAMP, str(int(saved) + 1 if saved.isdecimal() and len(saved) < 18 else 1))

    def sets(self, method: str | None = None) -> list[ScoreSet]:
        query = _SETS if method is None else _SETS_OF_METHOD
        with self._catalogue.read() as connection:
            return [ScoreSet(*row) for row in connection.execute(query, {"method": method} if method else {})]

    def scored(self, method: str, model: str = "", version: int = 0) -> set[str]:
        with self._catalogue.read() as connection:
            key = _known_set(connection, method, model, version)
            return set() if key is None else set(connection.scalars(_of_set(select(ImageRow.id), key)))

    def of_image(self, image_id: str) -> list[Score]:
        query = _SCORES.where(ImageRow.state == PRESENT, ScoreRow.queue.is_not(None))
        with self._catalogue.read() as connection:
            image = find_image(connection, image_id)
            if image is None:
                return []
            rows = connection.execute(
                query.where(ScoreRow.image_pk == image.pk).order_by(
                    ScoreSetRow.method, ScoreSetRow.model, ScoreSetRow.version
                )
            )
            return [_score(row) for row in rows]

    def highest(
        self,
        method: str,
        model: str = "",
        version: int = 0,
        *,
        count: int = 1,
        exclude: Collection[str] = (),
        skipped: bool = False,
    ) -> list[Score]:
        excluded = set(exclude)
        found: list[Score] = []
        with self._catalogue.read() as connection:
            key = _known_set(connection, method, model, version)
            for queues in ((WAITING, SKIPPED),) if skipped else ((WAITING,), (SKIPPED,)):
                turn: list[Score] = []
                for queue in queues if key is not None and len(found) < count else ():
                    most = {"set": key, "queue": queue, "count": count + len(excluded)}
                    turn += [_score(row) for row in connection.execute(_HIGHEST, most) if row.id not in excluded]
                found += sorted(turn, key=lambda score: (-score.value, score.image_id))
        return found[: max(0, count)]

    def table(self, method: str, model: str = "", version: int = 0) -> ScoreTable:
        by_label, info = (type_coerce(column, String) for column in (ScoreRow.by_label, ScoreRow.info))
        query: Any = select(ImageRow.id, ScoreRow.value, by_label, info)
        with self._catalogue.read() as connection:
            key = _known_set(connection, method, model, version)
            rows: Sequence[Row[Any]] = () if key is None else connection.execute(_of_set(query, key)).all()
        ids, values, by_label_texts, info_texts = (
            (list(column) for column in zip(*rows, strict=True)) if rows else ([], [], [], [])
        )
        return score_table(ids, values, noted(by_label_texts), noted(info_texts))

    def features(
        self,
        kind: str,
        model: str = "",
        version: int = 0,
        *,
        labeled: bool = False,
        only: Collection[str] | None = None,
    ) -> tuple[tuple[str, ...], NDArray[np.float32]]:
        named = {"kind": kind, "model": model, "version": version}
        with self._catalogue.read() as connection:
            if labeled:
                # Their keys first: they are few, and the vectors of all others are not looked at.
                query, some = _FEATURES_BY_KEY, chunks(connection.scalars(_LABELED))
            elif only is not None:
                query, some = _FEATURES_BY_ID, chunks(set(only))
            else:
                query, some = _FEATURES, iter([[]])
            rows = [
                (row.id, row.vector) for chunk in some for row in connection.execute(query, {**named, "some": chunk})
            ]
        if labeled and only is not None:
            rows = [row for row in rows if row[0] in set(only)]
        return vectors(sorted(rows, key=lambda row: row[0]))

    def stamp(self) -> Hashable:
        with self._catalogue.read() as connection:
            return get_setting(connection, _STAMP)


def remove(connection: Connection, image_pk: int) -> None:
    """Remove the scores and features of an image that is marked as removed and stands in no queue."""
    connection.execute(delete(ScoreRow).where(ScoreRow.image_pk == image_pk))
    connection.execute(delete(FeatureRow).where(FeatureRow.image_pk == image_pk))


def _images(connection: Connection, ids: Iterable[str]) -> dict[str, Row[Any]]:
    """The rows of those images that are there, by the ids as they were given."""
    wanted = set(ids)
    found: dict[str, Row[Any]] = {}
    query: Any = select(ImageRow.id, ImageRow.pk, ImageRow.queue).where(ImageRow.state == PRESENT)
    for chunk in chunks(wanted):
        found |= {row.id: row for row in connection.execute(query.where(ImageRow.id.in_(chunk)))}
    for image_id in wanted - found.keys():
        image = find_image(connection, image_id)
        if image is not None and image.state == PRESENT:
            found[image_id] = connection.execute(query.where(ImageRow.pk == image.pk)).one()
    return found


def _save(connection: Connection, key: int, scores: list[Score], images: Mapping[str, Row[Any]]) -> None:
    """Save scores of one set, of images that are there, and count those that are new."""
    rows = {images[score.image_id].pk: _values(key, score, images[score.image_id]) for score in scores}
    known: set[int] = set()
    for chunk in chunks(rows):
        query = select(ScoreRow.image_pk).where(ScoreRow.set_pk == key, ScoreRow.image_pk.in_(chunk))
        known.update(connection.scalars(query))
    _SAVE.run(connection, list(rows.values()))
    new = [row["queue"] for pk, row in rows.items() if pk not in known]
    counts = {
        "images": ScoreSetRow.images + len(new),
        "waiting": ScoreSetRow.waiting + sum(queue in WAIT for queue in new),
    }
    connection.execute(update(ScoreSetRow).where(ScoreSetRow.pk == key).values(**counts))


def _values(key: int, score: Score, image: Row[Any]) -> dict[str, Any]:
    return {
        "set_pk": key,
        "image_pk": image.pk,
        "image_id": image.id,
        "queue": LABELED if image.queue is None else image.queue,
        "value": None if math.isnan(score.value) else score.value,
        "by_label": {name: None if math.isnan(value) else value for name, value in score.by_label.items()},
        "seconds": score.seconds,
        "time": score.time.timestamp(),
        "info": score.info,
    }


def _set_of(score: Score) -> tuple[str, str, int]:
    return score.method, score.model, score.version


def _known_set(connection: Connection, method: str, model: str, version: int) -> int | None:
    return connection.scalar(_SET, {"method": method, "model": model, "version": version})


def _set_key(connection: Connection, method: str, model: str, version: int) -> int:
    known = _known_set(connection, method, model, version)
    if known is not None:
        return known
    row = insert(ScoreSetRow).values(method=method, model=model, version=version)
    return int(connection.execute(row.returning(ScoreSetRow.pk)).scalar_one())


def _of_set(query: Select[Any], key: int) -> Select[Any]:
    """A query about images that have a score of that set and are there, in the order of ids."""
    joined = query.select_from(ScoreRow).join(ImageRow, ImageRow.pk == ScoreRow.image_pk)
    return joined.where(ScoreRow.set_pk == key, ScoreRow.queue.is_not(None)).order_by(ImageRow.id)


def _score(row: Row[Any]) -> Score:
    return Score(
        row.id,
        row.method,
        as_float(row.value),
        row.model,
        row.version,
        {name: as_float(value) for name, value in row.by_label.items()},
        finite(row.seconds, 0) or 0.0,
        datetime.fromtimestamp(finite(row.time, 0, LATEST) or 0.0, UTC),
        row.info,
    )
