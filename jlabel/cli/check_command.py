"""``jlabel check``: every image and label of a folder, and what is wrong with each."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import typer

from jlabel.cli.options import Json, Labels, Studies, named_labels
from jlabel.cli.tables import plain, print_json, print_table

if TYPE_CHECKING:
    from jlabel.datastores import Datastore
    from jlabel.manager.studies_check import Finding

_MOST_IMAGES = 3


def check(studies: Studies, labels: Labels = None, as_json: Json = False) -> None:
    """Look at every image and label: what loads, what is refused and why.

    It names labels whose grid is not that of their image, and values that nobody has named. Nothing is changed. It
    exits with 1 where something cannot be used as it is.
    """
    from jlabel.cli.studies_folder import studies_folder
    from jlabel.manager.studies_check import check_studies
    from jlabel.opening import open_studies

    datastore = open_studies(studies_folder(studies))
    named = _known_values(datastore, labels)
    with _progress(sys.stderr.isatty()) as progress:
        findings = list(check_studies(datastore, named, progress))
    counts = _counts(datastore, findings)
    if as_json:
        print_json({**counts, "findings": [_json(one) for one in findings], "notes": datastore.notes()})
    else:
        _print(counts, findings, datastore.notes())
    datastore.close()
    raise typer.Exit(1 if any(one.is_problem for one in findings) else 0)


def _progress(shown: bool) -> Any:
    """A bar, or nothing."""
    from contextlib import nullcontext

    from jlabel.display.progress_bar import shown_progress
    from jlabel.progress import NO_PROGRESS

    return shown_progress("Looking at images and labels") if shown else nullcontext(NO_PROGRESS)


def _known_values(datastore: Datastore, labels: list[str] | None) -> set[int]:
    """The values that have a name: those that were typed, and those of the studies."""
    from jlabel.cli.studies_app import labels_of_studies
    from jlabel.errors import LabelError
    from jlabel.labels.label import make_labels

    typed = named_labels(labels)
    found = set() if typed is None else {label.value for label in make_labels(typed)}
    try:
        return found | set(labels_of_studies(datastore).values())
    except LabelError:
        return found


def _counts(datastore: Datastore, findings: list[Finding]) -> dict[str, Any]:
    tags = datastore.status()["label_tags"]
    bad = {(one.image_id, one.tag) for one in findings if one.is_problem}
    return {
        "images": datastore.count_images(),
        "labels": sum(tags.values()),
        "unusable_images": sum(1 for _, tag in bad if not tag),
        "unusable_labels": sum(1 for _, tag in bad if tag),
    }


def _json(finding: Finding) -> dict[str, Any]:
    return {
        "image": finding.image_id,
        "tag": finding.tag or None,
        "kind": finding.kind,
        "problem": finding.is_problem,
        "text": finding.text,
        "values": list(finding.values),
    }


def _print(counts: dict[str, Any], findings: list[Finding], notes: list[str]) -> None:
    if findings:
        rows = [
            (kind, f"label {tag!r}" if tag else "image", str(len(images)), _some(images), text)
            for (kind, tag, text), images in _grouped(findings).items()
        ]
        print_table("What was found", ("what", "of", "count", "in", "detail"), rows)
        typer.echo("")
    for note in notes:
        typer.echo(plain(f"- {note}"))
    images, labels = counts["unusable_images"], counts["unusable_labels"]
    typer.echo(
        f"{counts['images']:,} images, of which {images:,} cannot be used; "
        f"{counts['labels']:,} labels, of which {labels:,} need a look"
    )


def _grouped(findings: list[Finding]) -> dict[tuple[str, str, str], list[str]]:
    """The images of findings that say the same."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for one in findings:
        groups.setdefault((one.kind, one.tag, one.text), []).append(one.image_id)
    return groups


def _some(images: list[str]) -> str:
    return ", ".join(images[:_MOST_IMAGES]) + (", …" if len(images) > _MOST_IMAGES else "")
