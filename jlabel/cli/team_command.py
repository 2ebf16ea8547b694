"""``jlabel team``: who works on what, what waits for a review, and how well readers agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from jlabel.cli.opened_manager import opened_manager
from jlabel.cli.options import App, Conf, Json, Labels, Studies, named_labels
from jlabel.cli.tables import UNKNOWN, print_json, print_table

if TYPE_CHECKING:
    from datetime import datetime

    from jlabel.manager.team_overview import Team


def team(
    studies: Studies,
    agreement: Annotated[bool, typer.Option("--agreement", help="Compare the labels of readers, too.")] = False,
    labels: Labels = None,
    app: App = "",
    conf: Conf = None,
    as_json: Json = False,
) -> None:
    """Tell who works on what, what waits for a review, and how well readers agree."""
    with opened_manager(studies, app, named_labels(labels), conf) as manager:
        found = manager.team(agreement=agreement)
    if as_json:
        print_json(_as_json(found))
        return
    rows = [
        (
            one.name or "somebody",
            ", ".join(one.images) or UNKNOWN,
            _time(one.since) or UNKNOWN,
            *(str(count) for count in (one.labelled, one.accepted, one.sent_back)),
        )
        for one in found.members
    ]
    print_table("People", ("who", "working on", "since", "labelled", "accepted", "sent back"), rows)
    for name, count in found.facts().items():
        typer.echo(f"  {name:<21} {count:,}")
    if found.agreement:
        shown = [(one.label, str(one.pairs), f"{one.dice:.3f}", f"{one.nsd:.3f}") for one in found.agreement]
        print_table("Agreement of readers", ("label", "pairs", "dice", "nsd"), shown)


def _as_json(found: Team) -> dict[str, Any]:
    from dataclasses import asdict

    members = [{**asdict(one), "images": list(one.images), "since": _time(one.since)} for one in found.members]
    return {**asdict(found), "members": members, "agreement": [asdict(one) for one in found.agreement]}


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")
