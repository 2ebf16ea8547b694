"""``jlabel bundles``: what the model zoo has, what is here, and downloads."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from jlabel.cli.tables import UNKNOWN, plain, print_json, print_table, size_said

if TYPE_CHECKING:
    from jlabel.bundles.zoo.download import Downloaded
    from jlabel.bundles.zoo.index import ZooBundle, ZooDetails
    from jlabel.bundles.zoo.on_disk import BundleOnDisk

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


class ListByDefault(TyperGroup):
    """A group of commands of which ``list`` needs not be named: ``jlabel bundles ~/bundles``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the name of the command before arguments that begin with none."""
        named = bool(args) and (args[0] in self.commands or args[0] == "--help")
        return list(super().parse_args(ctx, args if named else ["list", *args]))


bundles = typer.Typer(
    name="bundles",
    cls=ListByDefault,
    help="MONAI bundles: list what the model zoo has and what is here, or download one.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@bundles.command("list")
def list_bundles(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FOLDER]...", help="Folders to look for bundles in, beside that of the downloads."),
    ] = None,
    all_versions: Annotated[bool, typer.Option("--all", help="All versions in the zoo, not only the newest.")] = False,
    as_json: Json = False,
) -> None:
    """List what the model zoo has and what is here.

    Nothing of a bundle is loaded or run. Without a connection it says so, and lists what is here. Another zoo is named
    by the environment variable JLABEL_MODEL_ZOO: the address of its model_info.json.
    """
    from jlabel.bundles.zoo.download import downloads_folder
    from jlabel.bundles.zoo.on_disk import bundles_in

    places = [*(folder.expanduser() for folder in folders or ()), downloads_folder()]
    here = {bundle.path.resolve(): bundle for place in places for bundle in bundles_in(place)}
    missing = [str(place) for place in places[:-1] if not place.is_dir()]
    zoo, reason = _zoo(all_versions)
    if as_json:
        print_json(_as_json(zoo, reason, list(here.values())))
    else:
        _print(zoo, list(here.values()))
    for line in [reason, *(f"there is no folder {place}" for place in missing)]:
        if line:
            sys.stderr.write(f"jlabel: {line}\n")
    if missing:
        raise typer.Exit(1)


@bundles.command("download")
def download_bundle(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name that 'jlabel bundles list' shows.")],
    version: Annotated[
        str | None, typer.Option("--version", metavar="VERSION", help="The newest if not given.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="DIR", help="Where; if not given, among the downloads.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Download a bundle of the model zoo.

    What breaks off is gone on with by the same command. The archive is checked against the zoo's checksum, and put in
    its place whole or not at all. Nothing of the bundle is loaded or run: that is done by an app that names its folder.
    """
    from jlabel.bundles.zoo.download import download, downloads_folder, find

    bundle = find(name, version)
    folder = (downloads_folder() if to is None else to.expanduser()).absolute()
    with _Progress(f"{bundle.name} {bundle.version}") as report:
        try:
            done = download(bundle, folder, report)
        except KeyboardInterrupt:
            sys.stderr.write("jlabel: stopped; the same command goes on where it was\n")
            raise typer.Exit(1) from None
    if as_json:
        print_json({**_bundle_json(done.bundle), "new": done.new, "checksum": _checked(done)})
    else:
        bundle_said = f"{done.bundle.name} {done.bundle.version} {'is' if done.new else 'was already'}"
        typer.echo(plain(f"{bundle_said} at {done.bundle.path} ({size_said(done.bundle.bytes)})"))
        typer.echo(plain(f"licence: {done.bundle.licence or 'none is in it'}"))
    if done.new and not done.checked:
        sys.stderr.write("jlabel: the index of the zoo has no checksum of it: it was not checked\n")


def _checked(done: Downloaded) -> str:
    return "checked" if done.checked else "unknown" if done.new else "not new"


def _zoo(all_versions: bool) -> tuple[dict[ZooBundle, ZooDetails], str]:
    """What the zoo has, and why it cannot be told."""
    from jlabel.bundles.zoo.index import newest, read_details, read_index
    from jlabel.errors import JlabelError

    try:
        index = read_index()
    except JlabelError as error:
        return {}, f"the model zoo is not to be had, so only what is here is listed: {error}"
    details = read_details(newest(index))
    if not all_versions:
        return details, ""
    of_name = {bundle.name: detail for bundle, detail in details.items()}
    return {bundle: _of_version(of_name[bundle.name], bundle in details) for bundle in index}, ""


def _of_version(details: ZooDetails, is_newest: bool) -> ZooDetails:
    """The details of the newest version for an older one: its size is another."""
    from dataclasses import replace

    return details if is_newest else replace(details, bytes=None)


def _print(zoo: dict[ZooBundle, ZooDetails], here: list[BundleOnDisk]) -> None:
    if zoo:
        have = {(bundle.name, bundle.version) for bundle in here}
        rows = [
            (
                bundle.name,
                bundle.version,
                "here" if (bundle.name, bundle.version) in have else "",
                size_said(details.bytes),
                details.licence or UNKNOWN,
                details.task or UNKNOWN,
            )
            for bundle, details in zoo.items()
        ]
        print_table(f"The model zoo has {len(zoo)}", ("name", "version", "", "size", "licence", "task"), rows)
        typer.echo("")
    rows = [
        (
            one.name,
            one.version or UNKNOWN,
            size_said(one.bytes),
            one.licence or UNKNOWN,
            one.fault or one.task,
            str(one.path),
        )
        for one in here
    ]
    if rows:
        print_table(f"Here are {len(here)}", ("name", "version", "size", "licence", "task", "folder"), rows)
    else:
        typer.echo("No bundle is here: 'jlabel bundles download NAME' gets one")


def _as_json(zoo: dict[ZooBundle, ZooDetails], reason: str, here: list[BundleOnDisk]) -> dict[str, Any]:
    offered = [
        {
            "name": bundle.name,
            "version": bundle.version,
            "task": details.task,
            "licence": details.licence,
            "bytes": details.bytes,
            "address": bundle.address,
            "checksum": bundle.checksum or None,
        }
        for bundle, details in zoo.items()
    ]
    return {"zoo": None if reason else offered, "reason": reason, "here": [_bundle_json(bundle) for bundle in here]}


def _bundle_json(bundle: BundleOnDisk) -> dict[str, Any]:
    return {
        "name": bundle.name,
        "version": bundle.version or None,
        "task": bundle.task or None,
        "licence": bundle.licence or None,
        "bytes": bundle.bytes,
        "path": str(bundle.path),
        "fault": bundle.fault or None,
    }


class _Progress:
    """A bar on the standard error, where somebody looks at it."""

    def __init__(self, title: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

        columns = ("{task.description}", BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
        console = Console(stderr=True)
        self._bar = Progress(*columns, console=console, disable=not console.is_terminal, transient=True)
        self._task = self._bar.add_task(title, total=None)

    def __enter__(self) -> Callable[[int, int | None], None]:
        self._bar.start()
        return lambda done, total: self._bar.update(self._task, completed=done, total=total)

    def __exit__(self, *_: object) -> None:
        self._bar.stop()
