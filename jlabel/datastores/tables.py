"""The tables of the catalogue."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Double, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from jlabel.datastores.column_types import JSON_TEXT, LARGE, TEXT

SCHEMA_VERSION = 4

# Values of ImageRow.state.
PRESENT, MISSING, REMOVED = 0, 1, 2


class Base(DeclarativeBase):
    """Common base of the tables."""

    # SQLAlchemy's own way to configure it; it has made other types of float at other times.
    type_annotation_map = {dict[str, Any]: JSON_TEXT, str: TEXT, float: Double()}  # noqa: RUF012


class SettingRow(Base):
    """A fact about the whole datastore: its name, the schema's version, what was imported."""

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class FolderRow(Base):
    """A folder as it was when it was last listed, so that an unchanged one is not listed again.

    ``area`` is ``images`` or ``labels``; ``path`` is relative to that area, "" for its top. ``mtime_ns`` is None where
    the folder had changed so shortly before that its time could stay the same at the next change. ``contents`` is what
    was found out by looking into its files, ``left_out`` what was passed over and why; see folder_contents.py.
    """

    __tablename__ = "folder"

    area: Mapped[str] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    mtime_ns: Mapped[int | None] = mapped_column(LARGE)
    contents: Mapped[str | None]
    left_out: Mapped[str | None]


class ImageRow(Base):
    """An image: a file, the folder of a DICOM series, or ``folder/series=UID`` for one of several in it.

    Images without a final label stand in one of two queues (see queue.py) under ranks 0, 1, 2, … without gaps, so that
    one is drawn at random by its rank.
    """

    __tablename__ = "image"

    pk: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    path: Mapped[str] = mapped_column(unique=True)
    folder: Mapped[str] = mapped_column(index=True)
    state: Mapped[int] = mapped_column(default=PRESENT)
    queue: Mapped[int | None]
    rank: Mapped[int | None]
    info: Mapped[dict[str, Any]] = mapped_column(default=dict)

    __table_args__ = (
        Index("image_queue_rank", "queue", "rank"),
        Index("image_queue_id", "queue", "id"),
        Index("image_state_id_queue", "state", "id", "queue"),
        Index("image_state", "state"),  # so also the keys of a state, in their order
    )


class LabelRow(Base):
    """The label of an image under one tag.

    ``number`` is the current version, None where the label was removed. ``pending`` means: this row is decided, but
    the file under ``labels/`` may still be the one before. ``size`` and ``mtime_ns`` are the file's, to notice other
    programs.
    """

    __tablename__ = "label"

    pk: Mapped[int] = mapped_column(primary_key=True)
    image_pk: Mapped[int] = mapped_column(ForeignKey("image.pk"))
    tag: Mapped[str]
    number: Mapped[int | None]
    pending: Mapped[bool] = mapped_column(default=False)
    size: Mapped[int] = mapped_column(LARGE, default=0)
    mtime_ns: Mapped[int] = mapped_column(LARGE, default=0)

    __table_args__ = (
        UniqueConstraint("image_pk", "tag"),
        Index("label_tag_image_number", "tag", "image_pk", "number"),
        Index("label_pending", "pending", sqlite_where=text("pending"), postgresql_where=text("pending")),
    )


class VersionRow(Base):
    """One version of a label; its file is kept, see versions.py. ``time`` is in seconds since 1970."""

    __tablename__ = "version"

    pk: Mapped[int] = mapped_column(primary_key=True)
    label_pk: Mapped[int] = mapped_column(ForeignKey("label.pk"))
    number: Mapped[int]
    ext: Mapped[str]
    size: Mapped[int] = mapped_column(LARGE)
    sha256: Mapped[str | None]
    author: Mapped[str | None]
    time: Mapped[float]
    info: Mapped[dict[str, Any]] = mapped_column(default=dict)

    __table_args__ = (UniqueConstraint("label_pk", "number"),)


class ScoreSetRow(Base):
    """A scoring method with one version of a model; ``images`` and ``waiting`` count those of its scores that count,
    as :class:`jlabel.datastores.ScoreSet` has them."""

    __tablename__ = "score_set"

    pk: Mapped[int] = mapped_column(primary_key=True)
    method: Mapped[str]
    model: Mapped[str]
    version: Mapped[int]
    images: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[int] = mapped_column(default=0)

    __table_args__ = (UniqueConstraint("method", "model", "version"),)


class ScoreRow(Base):
    """The score of one image in a set; ``value`` is NULL where there is none.

    ``queue`` is where the image stands (see score_queue.py) and ``image_id`` its id: both are here too, so that the
    highest score of an image that waits is the first entry of an index. ``time`` is in seconds since 1970.
    """

    __tablename__ = "score"

    set_pk: Mapped[int] = mapped_column(ForeignKey("score_set.pk"), primary_key=True)
    image_pk: Mapped[int] = mapped_column(ForeignKey("image.pk"), primary_key=True)
    image_id: Mapped[str]
    queue: Mapped[int | None]
    value: Mapped[float | None]
    by_label: Mapped[dict[str, Any]] = mapped_column(default=dict)
    seconds: Mapped[float] = mapped_column(default=0.0)
    time: Mapped[float] = mapped_column(default=0.0)
    info: Mapped[dict[str, Any]] = mapped_column(default=dict)

    __table_args__ = (
        Index("score_highest", "set_pk", "queue", text("value DESC"), "image_id"),
        # All that the order of a set needs, and for nothing else: other questions are not asked of values alone.
        Index(
            "score_order",
            "set_pk",
            text("value DESC"),
            "image_id",
            "image_pk",
            sqlite_where=text("value IS NOT NULL"),
            postgresql_where=text("value IS NOT NULL"),
        ),
        Index("score_image", "image_pk"),
    )


class FeatureRow(Base):
    """Features of an image: ``vector`` holds float16 values, little-endian."""

    __tablename__ = "feature"

    kind: Mapped[str] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    image_pk: Mapped[int] = mapped_column(ForeignKey("image.pk"), primary_key=True)
    vector: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (Index("feature_image", "image_pk"),)


class AnnotationTaskRow(Base):
    """A task on an annotation server; see annotation_tasks.py. Times are in seconds since 1970.

    ``place`` names the server, the organization and the project there, ``number`` is the task's on the server, NULL
    until it is known.
    """

    __tablename__ = "annotation_task"

    pk: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    place: Mapped[str] = mapped_column(index=True)
    round: Mapped[int]
    number: Mapped[int | None]
    state: Mapped[str]
    created: Mapped[float]
    info: Mapped[dict[str, Any]] = mapped_column(default=dict)


class AnnotationFrameRow(Base):
    """A frame of a task: a picture, or a slice of a volume (``slice`` is NULL for a picture).

    ``version`` is that of the image's final label when it was sent, 0 where there was none; ``frame`` is its number on
    the server, NULL until it is known.
    """

    __tablename__ = "annotation_frame"

    pk: Mapped[int] = mapped_column(primary_key=True)
    task_pk: Mapped[int] = mapped_column(ForeignKey("annotation_task.pk"))
    name: Mapped[str]
    image_id: Mapped[str] = mapped_column(index=True)
    slice: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=0)
    frame: Mapped[int | None]

    __table_args__ = (UniqueConstraint("task_pk", "name"),)


class AnnotationJobRow(Base):
    """A job of a task, as it was when it was last looked at; ``pulled`` is its stamp when its labels were saved."""

    __tablename__ = "annotation_job"

    pk: Mapped[int] = mapped_column(primary_key=True)
    task_pk: Mapped[int] = mapped_column(ForeignKey("annotation_task.pk"))
    number: Mapped[int]
    first: Mapped[int]
    last: Mapped[int]
    state: Mapped[str]
    assignee: Mapped[str] = mapped_column(default="")
    pulled: Mapped[str] = mapped_column(default="")
    problem: Mapped[str] = mapped_column(default="")

    __table_args__ = (UniqueConstraint("task_pk", "number"),)
