"""Which files are masks by their names: those of another file beside them, and those in a folder of labels."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from jlabel.imaging.file_names import is_image_name, split_image_name

#: What stands behind an image's name in that of its mask.
MASK_SUFFIXES = ("_seg", "_label", "_labels", "_mask", "-seg", "-label", "-labels", "-mask", ".seg", ".label", ".mask")
SEGMENTATION = ".seg.nrrd"
_IMAGE_FOLDERS = ("images", "image", "imgs", "img", "jpegimages")
_LABEL_FOLDERS = (
    "labels",
    "label",
    "masks",
    "mask",
    "annotations",
    "segmentations",
    "segmentationclass",
    "segmentationobject",
)
_PICTURES = (".png", ".jpg", ".jpeg", ".bmp")
_OF_COCO = re.compile(r"instances_.*\.json|.*\.coco\.json")
_OF_DATASETS = {"labelstr": "imagestr", "labelsts": "imagests"}


def masked_name(name: str) -> str | None:
    """The name, without extension, of the image that a file is the mask of by its own name; None where it is none.

    >>> masked_name("case_1_seg.nii.gz"), masked_name("case_1.seg.nrrd"), masked_name("case_1.nii.gz")
    ('case_1', 'case_1', None)
    """
    if not is_image_name(name):
        return None
    stem = split_image_name(name)[0]
    suffix = next((one for one in MASK_SUFFIXES if stem.lower().endswith(one) and len(stem) > len(one)), None)
    return None if suffix is None else stem[: -len(suffix)]


def masks_among(names: Iterable[str]) -> dict[str, str]:
    """The masks among the files of one folder, each with the name, without extension, of its image.

    A file counts as a mask where the image that it is named after lies beside it; a segmentation of 3D Slicer
    (``.seg.nrrd``) always does.

    Args:
        names: The names of the files in a folder.
    """
    names = list(names)
    stems = {split_image_name(name)[0].lower() for name in names if is_image_name(name)}
    found = {}
    for name in names:
        image = masked_name(name)
        if image is not None and (image.lower() in stems or name.lower().endswith(SEGMENTATION)):
            found[name] = image
    return found


def annotations_among(names: Iterable[str]) -> list[str]:
    """The files of one folder that are annotations by their names: of COCO, and a JSON file beside a picture (LabelMe).

    Args:
        names: The names of the files in a folder.
    """
    names = list(names)
    pictures = {split_image_name(name)[0] for name in names if name.lower().endswith(_PICTURES)}
    jsons = [name for name in names if name.lower().endswith(".json")]
    return [one for one in jsons if _OF_COCO.fullmatch(one.lower()) or one[: -len(".json")] in pictures]


def may_hold_labels(folder: str) -> bool:
    """Whether a folder is one of labels by its name, if images lie beside it."""
    return folder.lower() in _LABEL_FOLDERS or folder.lower() in _OF_DATASETS


def images_of(labels: str, folders: Collection[str]) -> str | None:
    """The folder of images that a folder of labels belongs to, by their names; None where it is none.

    >>> images_of("labelsTr", ["imagesTr", "imagesTs"]), images_of("masks", ["images"]), images_of("a", ["b"])
    ('imagesTr', 'images', None)

    Args:
        labels: The name of a folder.
        folders: The names of the folders beside it.
    """
    wanted = _OF_DATASETS.get(labels.lower())
    if wanted is not None:
        return next((one for one in sorted(folders) if one.lower() == wanted), None)
    if labels.lower() not in _LABEL_FOLDERS:
        return None
    return next((one for one in sorted(folders) if one.lower() in _IMAGE_FOLDERS), None)
