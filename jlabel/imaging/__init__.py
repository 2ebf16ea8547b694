"""Reading and writing images and labels, their geometry, and the boxes of voxels that travel."""

from jlabel.imaging.atomic import atomic_write
from jlabel.imaging.dicom_sniff import is_dicom_folder
from jlabel.imaging.geometry import Plane, flat_plane, planes, voxel_to_mm
from jlabel.imaging.image import Image
from jlabel.imaging.labels import label_extension, read_label, write_label
from jlabel.imaging.names import IMAGE_EXTENSIONS, is_image_name, split_image_name
from jlabel.imaging.patch import decode_labels, decode_voxels, encode_voxels
from jlabel.imaging.reading import read_image
from jlabel.imaging.region import Region, bounding_region, changed_region

__all__ = [
    "IMAGE_EXTENSIONS",
    "Image",
    "Plane",
    "Region",
    "atomic_write",
    "bounding_region",
    "changed_region",
    "decode_labels",
    "decode_voxels",
    "encode_voxels",
    "flat_plane",
    "is_dicom_folder",
    "is_image_name",
    "label_extension",
    "planes",
    "read_image",
    "read_label",
    "split_image_name",
    "voxel_to_mm",
    "write_label",
]
