"""What was found in the folders of a tree, folder by folder."""

from __future__ import annotations

from dataclasses import dataclass, field

from jlabel.datastores.folder_contents import FolderContents, LeftOut
from jlabel.imaging.formats.dicom_groups import Group


@dataclass(frozen=True)
class Series:
    """The DICOM files of one image.

    Attributes:
        path: Relative to the tree's top: the folder, its file where it has one, or one of several series.
        group: What its headers say, with its files by their names in ``home``.
        whole: Whether the folder stands for it.
        home: The folder that it is in; for files in several folders, the one that all of these are in.
        folders: Where its files lie, if in several folders.
    """

    path: str
    group: Group
    whole: bool
    home: str = ""
    folders: tuple[str, ...] = ()


@dataclass
class Listing:
    """One folder that was new or had changed, or that has to do with one.

    Attributes:
        folder: Its path relative to the tree's top, with ``/``; "" for the top.
        mtime_ns: Its time; None where that cannot be relied on yet.
        files: Names of the image files in it, sorted; files of DICOM are none of them.
        series: The images that its DICOM files make. One whose files lie in several folders is with the first of them.
        own: Those that they make without the files of other folders.
        before: Those that they made when the folder was listed last; None where that is not known.
        contents: What looking into its files has shown.
        left_out: What was passed over, by the reason.
        names: Every file that lies there.
    """

    folder: str
    mtime_ns: int | None
    files: list[str]
    series: list[Series] = field(default_factory=list)
    own: list[Series] = field(default_factory=list)
    before: list[Series] | None = None
    contents: FolderContents = field(default_factory=FolderContents)
    left_out: dict[str, LeftOut] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)

    def leave_out(self, why: str, name: str, count: int = 1) -> None:
        """Note what was passed over."""
        self.left_out.setdefault(why, LeftOut()).add(name, count)


@dataclass
class Scan:
    """What a scan found: the changed folders' contents, and all folders that exist."""

    listings: list[Listing] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)
    unusable: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Kept:
    """What the catalogue keeps of a folder, in short.

    Attributes:
        series: The UIDs of the series whose slices lie there.
        directory: Whether the directory of a medium lies there.
    """

    series: frozenset[str] = frozenset()
    directory: bool = False
