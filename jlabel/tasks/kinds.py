"""The kinds of infer tasks, and the stages of a call, by MONAI Label's names."""

from __future__ import annotations

from enum import StrEnum


class InferType(StrEnum):
    """The kind of an infer task.

    One of kind ``CLASSIFICATION`` tells what it found of the image as a whole, one of kind ``DETECTION`` boxes, both in
    :attr:`jlabel.InferResult.info`; the others make masks. ``DEEPGROW`` and ``DEEPEDIT`` take clicks.

    Examples:
        >>> jlabel.InferType.DEEPGROW == "deepgrow"
        True
        >>> jlabel.InferType("segmentation")
        <InferType.SEGMENTATION: 'segmentation'>
    """

    SEGMENTATION = "segmentation"
    ANNOTATION = "annotation"
    CLASSIFICATION = "classification"
    DEEPGROW = "deepgrow"
    DEEPEDIT = "deepedit"
    SCRIBBLES = "scribbles"
    DETECTION = "detection"
    OTHERS = "others"


class CallBackTypes(StrEnum):
    """The stages of an infer task's call after which a function can look at its data, and change it.

    Examples:
        >>> seen = []
        >>> def look(data):
        ...     seen.append(data["pred"].shape)
        ...     return data
        >>> image = jlabel.read_image(studies / "case_0.nii.gz")
        >>> request = jlabel.InferRequest(image, "case_0", labels={"liver": 1})
        >>> class Bright(jlabel.InferTask):
        ...     def pre_transforms(self, data):
        ...         from monai.transforms import EnsureChannelFirstd, LoadImaged
        ...         return [LoadImaged("image"), EnsureChannelFirstd("image")]
        ...     def inferer(self, data):
        ...         return [lambda data: {**data, "pred": data["image"] > 70}]
        ...     def post_transforms(self, data):
        ...         return []
        >>> result = Bright(labels=["liver"])(request, callbacks={jlabel.CallBackTypes.INFERER: look})
        >>> [tuple(shape) for shape in seen]
        [(1, 12, 10, 8)]
    """

    PRE_TRANSFORMS = "PRE_TRANSFORMS"
    INFERER = "INFERER"
    INVERT_TRANSFORMS = "INVERT_TRANSFORMS"
    POST_TRANSFORMS = "POST_TRANSFORMS"
    WRITER = "WRITER"


CLICKED = (InferType.DEEPGROW, InferType.DEEPEDIT)
WITHOUT_MASK = (InferType.CLASSIFICATION, InferType.DETECTION)
