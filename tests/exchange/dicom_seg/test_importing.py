"""DICOM segmentations and structure sets as labels of their images."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from pydicom.dataset import Dataset

import jlabel
from jlabel.exchange.dicom_seg.importing import read_segments
from jlabel.exchange.dicom_seg.label_object import open_label_object
from tests.exchange.dicom_seg.samples import SERIES, SHAPE, box, lps, seg, series, structure_set
from tests.exchange.dicom_seg.test_seg_reading import mask_of

Open = Callable[..., jlabel.AppManager]


def test_what_lies_beside_the_images_is_listed_with_its_segments(
    studies: Path, sources: list[Dataset], values: np.ndarray, opened: Open
) -> None:
    seg(studies / "seg" / "a.dcm", sources, values.transpose(2, 1, 0), names=["liver", "spleen"])
    structure_set(studies / "rt.dcm", {"heart": []})
    structure_set(studies / "lost.dcm", {"lung": []}, of="1.2.9")
    (studies / "ct" / "bad.dcm").write_bytes((studies / "rt.dcm").read_bytes()[:180])
    found = {label.file.name: label for label in opened().dicom_labels()}
    assert (found["a.dcm"].kind, found["a.dcm"].images) == ("SEG", ("ct",))
    assert [segment.name for segment in found["a.dcm"].segments] == ["liver", "spleen"]
    assert found["a.dcm"].segments[0].type == ("10200004", "SCT", "Liver")
    assert (found["rt.dcm"].kind, found["rt.dcm"].images, found["rt.dcm"].problem) == ("RTSTRUCT", ("ct",), "")
    assert found["lost.dcm"].problem == "it belongs to series 1.2.9, which is not among the images"


def test_one_of_several_series_in_a_folder_is_found(studies: Path, values: np.ndarray, opened: Open) -> None:
    sources = series(studies)
    other = series(studies / "other", SeriesInstanceUID="1.2.7", FrameOfReferenceUID="1.2.8", SOPInstanceUID=None)
    for slice_ in (studies / "other").iterdir():
        slice_.rename(studies / f"{slice_.name}_other")
    assert len(other) == SHAPE[2]
    seg(studies / "a.seg", sources, values.transpose(2, 1, 0))
    manager = opened()
    (label,) = manager.dicom_labels()
    assert len(label.images) == 1
    imported = manager.import_dicom_label(label)
    np.testing.assert_array_equal(manager.label(imported.image_id), values)
    assert manager.image(imported.image_id).path.name == f"series={SERIES}"


def test_segments_become_the_labels_of_their_names(
    studies: Path, sources: list[Dataset], values: np.ndarray, opened: Open
) -> None:
    file = seg(studies / "a.dcm", sources, values.transpose(2, 1, 0), names=["Left_Kidney", "spleen"])
    manager = opened("spleen", "left kidney")
    imported = manager.import_dicom_label(file)
    assert imported.labels == {"Left_Kidney": "left kidney", "spleen": "spleen"}
    assert imported.voxels == {"left kidney": (values == 1).sum(), "spleen": (values == 2).sum()}
    np.testing.assert_array_equal(manager.label("ct"), np.array([0, 2, 1])[values])
    assert manager.datastore.get_label_info("ct")["imported"] == "a.dcm"


def test_other_names_are_mapped_left_out_or_added_as_asked(
    studies: Path, sources: list[Dataset], values: np.ndarray, opened: Open
) -> None:
    file = seg(studies / "a.dcm", sources, values.transpose(2, 1, 0), names=["Hepar", "Lien"])
    manager = opened("liver")
    with pytest.raises(jlabel.LabelError, match=r"no label is called as 'Hepar', 'Lien'; .*new_labels=True"):
        manager.import_dicom_label(file)
    with pytest.raises(jlabel.LabelError, match="it has no segment 'Cor', but 'Hepar', 'Lien'"):
        manager.import_dicom_label(file, labels={"Cor": "liver"})
    assert manager.datastore.count_labeled() == 0

    manager.import_dicom_label(file, labels={"Hepar": "liver", 2: None})
    np.testing.assert_array_equal(manager.label("ct"), values == 1)

    manager.import_dicom_label(file, labels={"Hepar": "liver"}, new_labels=True)
    assert [(label.name, label.value) for label in manager.labels] == [("liver", 1), ("Lien", 2)]
    np.testing.assert_array_equal(manager.label("ct"), values)


def test_an_overlap_is_said_and_can_be_refused(studies: Path, sources: list[Dataset], opened: Open) -> None:
    masks = np.zeros((*SHAPE[::-1], 2), np.uint8)
    masks[1, 1:5, 1:6, 0] = 1
    masks[1, 2:4, 2:4, 1] = 1
    file = seg(studies / "a.dcm", sources, masks)
    manager = opened()
    with pytest.raises(jlabel.LabelError, match="segments overlap"):
        manager.import_dicom_label(file, overlap="refuse")
    imported = manager.import_dicom_label(file)
    assert imported.voxels == {"segment 1": 20 - 4, "segment 2": 4}
    (overlap,) = imported.overlaps
    assert (overlap.kept, overlap.lost, overlap.voxels) == ("segment 2", "segment 1", 4)
    assert "the segment with the fewest voxels keeps it" in imported.notes["overlap"]


def test_a_label_of_another_series_or_space_is_refused(
    tmp_path: Path, studies: Path, sources: list[Dataset], opened: Open
) -> None:
    manager = opened("a")
    corners = lps(manager.image("ct").affine, box((1, 1), (3, 3), 2))
    other = structure_set(tmp_path / "other.dcm", {"a": [corners]}, of="1.2.9")
    space = structure_set(tmp_path / "space.dcm", {"a": [corners]}, space="1.2.8")
    with pytest.raises(jlabel.LabelError, match=r"series 1\.2\.9, which is not among the images; say image_id="):
        manager.import_dicom_label(other)
    with pytest.raises(jlabel.LabelError, match=r"it was made on series 1\.2\.9"):
        manager.import_dicom_label(other, "ct")
    with pytest.raises(jlabel.LabelError, match=r"in the frame of reference 1\.2\.8"):
        manager.import_dicom_label(space)
    assert manager.import_dicom_label(other, "ct", trust_positions=True).voxels == {"a": 9}


@pytest.mark.parametrize("name", ["ct/IM9", "note.txt", "gone.dcm"])
def test_a_file_that_is_something_else_is_refused(
    studies: Path, sources: list[Dataset], opened: Open, name: str
) -> None:
    (studies / "note.txt").write_text("no DICOM")
    with pytest.raises(jlabel.ImageError, match=r"no segmentation|no DICOM file|does not exist"):
        opened().import_dicom_label(studies / name)


@pytest.mark.parametrize(("name", "parts"), [("liver", 1), ("partial_overlaps", 3)])
def test_segmentations_of_others_have_the_voxels_that_their_authors_give(
    shared_data: Path, name: str, parts: int
) -> None:
    folder = shared_data / "dicom_seg_rt" / "dcmqi"
    image = jlabel.read_image(folder / "ct-3slice")
    found = read_segments(folder / f"{name}.dcm", open_label_object(folder / f"{name}.dcm"), image, "ct")
    files = [folder / "liver_seg.nrrd"] if parts == 1 else [folder / f"{name}-{part + 1}.nrrd" for part in range(parts)]
    expected = [jlabel.read_label(file, image) for file in files]
    assert {one.segment.number for one in found.segments} == {int(n) for one in expected for n in np.unique(one) if n}
    for one in found.segments:
        own = next(label for label in expected if (label == one.segment.number).any())
        np.testing.assert_array_equal(mask_of(found, one.segment.number, image.shape), own == one.segment.number)


def test_a_copy_of_the_series_in_another_format_and_order_takes_it_by_its_positions(
    studies: Path, sources: list[Dataset], values: np.ndarray, opened: Open
) -> None:
    affine = jlabel.read_image(studies / "ct").affine @ np.diag([-1.0, 1, 1, 1])  # its first axis the other way round
    affine[:3, 3] -= affine[:3, 0] * (SHAPE[0] - 1)
    nib.save(nib.Nifti1Image(np.zeros(SHAPE, np.int16), affine), studies / "copy.nii.gz")
    file = seg(studies / "a.dcm", sources, values.transpose(2, 1, 0))
    manager = opened()
    with pytest.raises(jlabel.LabelError, match="'copy' is of no DICOM series; trust_positions=True"):
        manager.import_dicom_label(file, "copy")
    manager.import_dicom_label(file, "copy", trust_positions=True)
    np.testing.assert_array_equal(manager.label("copy"), values[::-1])


def test_a_name_that_two_segments_share_is_one_label(
    studies: Path, sources: list[Dataset], values: np.ndarray, opened: Open
) -> None:
    file = seg(studies / "a.dcm", sources, values.transpose(2, 1, 0), names=["lesion", "lesion"])
    assert opened("lesion").import_dicom_label(file).voxels == {"lesion": np.count_nonzero(values)}


def test_who_looks_for_labels_in_layouts_is_told_of_those_in_dicom(
    studies: Path, sources: list[Dataset], values: np.ndarray, opened: Open
) -> None:
    seg(studies / "a.dcm", sources, values.transpose(2, 1, 0))
    with pytest.raises(jlabel.DatastoreError, match=r"DICOM segmentations lie there: manager\.dicom_labels\(\)"):
        opened().import_labels()
