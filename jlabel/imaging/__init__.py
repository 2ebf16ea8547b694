"""Reading and writing images and labels, their geometry, and the boxes of voxels that travel."""

from jlabel.files.atomic import atomic_write
from jlabel.imaging.codec.voxels import decode_labels, decode_voxels, encode_voxels
from jlabel.imaging.content_stamp import content_stamp
from jlabel.imaging.file_names import IMAGE_EXTENSIONS, is_image_name, split_image_name
from jlabel.imaging.formats.dicom_folder import is_dicom_folder
from jlabel.imaging.formats.reading import read_image
from jlabel.imaging.geometry import Plane, flat_plane, planes, voxel_to_mm
from jlabel.imaging.image import Image
from jlabel.imaging.label_files import label_extension, read_label, write_label
from jlabel.imaging.label_fitting import FittedLabel, fit_label, read_fitted_label
from jlabel.imaging.region import Region, bounding_region, changed_region

__all__ = [
    "IMAGE_EXTENSIONS",
    "FittedLabel",
    "Image",
    "Plane",
    "Region",
    "atomic_write",
    "bounding_region",
    "changed_region",
    "content_stamp",
    "decode_labels",
    "decode_voxels",
    "encode_voxels",
    "fit_label",
    "flat_plane",
    "is_dicom_folder",
    "is_image_name",
    "label_extension",
    "planes",
    "read_fitted_label",
    "read_image",
    "read_label",
    "split_image_name",
    "voxel_to_mm",
    "write_label",
]
