"""Labels written as segmentations, and read back by several readers."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path

import highdicom
import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

import jlabel
from jlabel.exchange.dicom_seg.source_headers import source_headers
from tests.exchange.dicom_seg.samples import SHAPE, SLICES, TILTED, series
from tests.imaging.dicom_samples import groups, plane, save
from tests.imaging.samples import nifti

Open = Callable[..., jlabel.AppManager]


def by_position(file: Path, affine: np.ndarray) -> dict[int, np.ndarray]:
    """The voxels of each segment by pydicom alone, with the rules of pydicom-seg: one orientation for all frames, the
    stated distance between slices (or their thickness), and each frame where its position falls in that grid."""
    dataset = pydicom.dcmread(file)
    shared = dataset.SharedFunctionalGroupsSequence[0]
    turn = np.array(shared.PlaneOrientationSequence[0].ImageOrientationPatient, float).reshape(2, 3)
    measures = shared.PixelMeasuresSequence[0]
    between = float(measures.get("SpacingBetweenSlices") or measures.SliceThickness)
    grid = np.column_stack(
        [turn[0] * measures.PixelSpacing[1], turn[1] * measures.PixelSpacing[0], np.cross(*turn) * between]
    )
    origin = affine[:3, 3] * [-1, -1, 1]
    masks: dict[int, np.ndarray] = {}
    for group, pixels in zip(dataset.PerFrameFunctionalGroupsSequence, dataset.pixel_array, strict=True):
        position = np.array(group.PlanePositionSequence[0].ImagePositionPatient, float)
        index = np.linalg.solve(grid, position - origin)
        assert np.abs(index - np.rint(index)).max() < 1e-3
        number = group.SegmentIdentificationSequence[0].ReferencedSegmentNumber
        masks.setdefault(number, np.zeros(SHAPE, bool))[:, :, round(index[2])] = pixels.T
    return masks


@pytest.mark.parametrize("kind", ["binary", "labelmap"])
@pytest.mark.parametrize("turn", [(1, 0, 0, 0, 1, 0), TILTED])
def test_a_label_comes_back_voxel_for_voxel(
    studies: Path, values: np.ndarray, opened: Open, kind: str, turn: tuple[float, ...]
) -> None:
    series(studies / "ct", turn, SliceThickness=5)  # thicker than the slices are apart
    manager = opened("liver", "Tumör")
    label = np.array([0, 2, 1], np.uint8)[values]
    manager.save_label("ct", label)
    file = manager.export_dicom_seg("ct", studies, kind=kind)
    assert file == studies / "ct_seg.dcm"

    imported = manager.import_dicom_label(file, tag="back")
    assert imported.labels == {"liver": "liver", "Tumör": "Tumör"}
    np.testing.assert_array_equal(manager.label("ct", "back"), label)

    read = highdicom.seg.segread(file)
    volume = read.get_volume(combine_segments=True)
    theirs = np.zeros(SHAPE, np.uint8)
    for k, row, column in np.argwhere(volume.array):
        at = volume.affine @ [k, row, column, 1] * [-1, -1, 1, 1]
        i, j, k_ = np.rint(np.linalg.solve(manager.image("ct").affine, at))[:3].astype(int)
        theirs[i, j, k_] = volume.array[k, row, column]
    np.testing.assert_array_equal(theirs, label)
    if kind == "binary":
        masks = by_position(file, manager.image("ct").affine)
        assert set(masks) == {1, 2}
        for number, mask in masks.items():
            np.testing.assert_array_equal(mask, label == number)


def test_it_refers_to_the_instances_and_says_what_the_segments_are(
    studies: Path, sources: list[Dataset], values: np.ndarray, opened: Open
) -> None:
    manager = opened("left kidney", "something")
    manager.save_label("ct", values)
    made = pydicom.dcmread(manager.export_dicom_seg("ct", studies / "a.dcm", codes={"something": ("1", "99X", "It")}))
    kidney, other = made.SegmentSequence
    assert (kidney.SegmentLabel, kidney.SegmentAlgorithmType) == ("left kidney", "MANUAL")
    kind = kidney.SegmentedPropertyTypeCodeSequence[0]
    assert (kind.CodeMeaning, kind.SegmentedPropertyTypeModifierCodeSequence[0].CodeMeaning) == ("Kidney", "Left")
    assert other.SegmentedPropertyTypeCodeSequence[0].CodeValue == "1"
    for group in made.PerFrameFunctionalGroupsSequence:
        source = group.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID
        height = group.PlanePositionSequence[0].ImagePositionPatient[2]
        assert source == SLICES[round((height - 30) / 4)]
    instances = made.ReferencedSeriesSequence[0].ReferencedInstanceSequence
    assert {one.ReferencedSOPInstanceUID for one in instances} == set(SLICES)
    (found,) = manager.dicom_labels()
    assert [segment.color for segment in found.segments] == [label.color for label in manager.labels]


def test_nobody_is_named_beyond_what_the_series_says(
    studies: Path, sources: list[Dataset], values: np.ndarray, opened: Open
) -> None:
    private = pydicom.dcmread(studies / "ct" / "IM9")
    private.private_block(0x0029, "SOMEBODY", create=True).add_new(0x10, "LO", "secret text")
    private.OperatorsName = "Operator^One"
    private.save_as(studies / "ct" / "IM9")
    manager = opened()
    manager.save_label("ct", values)
    file = manager.export_dicom_seg("ct", studies / "a.dcm")
    made = pydicom.dcmread(file)
    assert (made.PatientName, made.StudyInstanceUID, made.SeriesDescription) == ("Doe^Jane", "1.2", "Segmentation")
    names = [one.value for one in made.iterall() if one.VR == "PN" and one.value]
    assert names == ["Doe^Jane"]
    raw = file.read_bytes()
    for secret in (b"secret text", b"Operator", str(studies).encode(), manager.datastore._author.encode() + b"^"):
        assert secret not in raw


def test_codes_of_an_imported_segmentation_are_kept(
    studies: Path, sources: list[Dataset], values: np.ndarray, opened: Open
) -> None:
    manager = opened("segment 1", "segment 2")
    manager.save_label("ct", values)
    own = {"segment 1": (("c", "99X", "Kind"), ("t", "99X", "Type"))}
    file = manager.export_dicom_seg("ct", studies / "a.dcm", codes=own)
    manager.import_dicom_label(file)
    manager.save_label("ct", values)  # as after an edit
    again = pydicom.dcmread(manager.export_dicom_seg("ct", studies / "b.dcm"))
    assert again.SegmentSequence[0].SegmentedPropertyTypeCodeSequence[0].CodeValue == "t"
    assert again.SegmentSequence[0].SegmentedPropertyCategoryCodeSequence[0].CodeValue == "c"


def test_models_are_named_and_some_labels_can_be_left_out(
    studies: Path, sources: list[Dataset], values: np.ndarray, opened: Open
) -> None:
    manager = opened("a", "b")
    manager.save_label("ct", values, "original", {"models": ["segmentation (version 3)"]})
    made = pydicom.dcmread(manager.export_dicom_seg("ct", studies / "a.dcm", tag="original", labels=["b"]))
    (segment,) = made.SegmentSequence
    assert (segment.SegmentLabel, segment.SegmentAlgorithmType) == ("b", "AUTOMATIC")
    assert segment.SegmentAlgorithmName == "segmentation (version 3)"


def test_an_enhanced_object_and_a_picture_are_referred_to_by_frame(studies: Path, opened: Open) -> None:
    tags = dict.fromkeys(("PatientName", "PatientBirthDate", "PatientSex", "StudyDate", "StudyID"), "")
    frames = [groups(**plane(height)) for height in (4, 0, 8)]
    shared = [groups(**{k: v for k, v in plane(0).items() if k != "PlanePositionSequence"})]
    shared[0].PixelMeasuresSequence[0].SliceThickness = 4
    enhanced = {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.2.1", "FrameOfReferenceUID": "1.2.5", **tags}
    enhanced |= {"PerFrameFunctionalGroupsSequence": frames, "SharedFunctionalGroupsSequence": shared}
    save(studies / "mf.dcm", np.zeros((3, 4, 5), np.int16), **enhanced)
    save(studies / "cr.dcm", np.zeros((4, 5), np.uint8), SOPClassUID="1.2.840.10008.5.1.4.1.1.1", Modality="CR", **tags)
    manager = opened("a")
    for image_id, shape in (("mf", (5, 4, 3)), ("cr", (5, 4))):
        label = np.random.default_rng(0).integers(0, 2, shape).astype(np.uint8)
        manager.save_label(image_id, label)
        file = manager.export_dicom_seg(image_id, studies)
        manager.import_dicom_label(file, image_id, tag="back")
        np.testing.assert_array_equal(manager.label(image_id, "back"), label)


def test_a_series_that_was_made_anonymous_is_found_again(studies: Path, values: np.ndarray, opened: Open) -> None:
    series(studies / "ct")
    for file in (studies / "ct").iterdir():
        dataset = pydicom.dcmread(file)
        for name in ("SOPInstanceUID", "SOPClassUID", "SeriesInstanceUID", "StudyInstanceUID"):
            setattr(dataset, name, "")
        del dataset.PatientID, dataset.PatientName
        dataset.save_as(file, enforce_file_format=False)
    manager = opened()
    manager.save_label("ct", values)
    manager.import_dicom_label(manager.export_dicom_seg("ct", studies), tag="back")
    np.testing.assert_array_equal(manager.label("ct", "back"), values)


def test_what_cannot_be_written_is_refused(
    studies: Path, sources: list[Dataset], values: np.ndarray, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    nifti(studies / "head.nii", np.zeros((3, 3, 3), np.int16))
    manager = opened("a", "b", "c")
    manager.save_label("head", np.ones((3, 3, 3), np.uint8))
    with pytest.raises(jlabel.LabelError, match="'head' is of no DICOM files"):
        manager.export_dicom_seg("head", studies)
    with pytest.raises(jlabel.DatastoreError, match="no label"):
        manager.export_dicom_seg("ct", studies)
    manager.save_label("ct", values)
    with pytest.raises(jlabel.LabelError, match="has no voxel of c"):
        manager.export_dicom_seg("ct", studies, labels=["c"])
    with pytest.raises(jlabel.LabelError, match="no label 'd'"):
        manager.export_dicom_seg("ct", studies, labels=["d"])
    with pytest.raises(jlabel.LabelError, match="kind is 'binary' or 'labelmap'"):
        manager.export_dicom_seg("ct", studies, kind="surface")
    file = manager.export_dicom_seg("ct", studies)
    with pytest.raises(jlabel.DatastoreError, match="is there already; overwrite=True"):
        manager.export_dicom_seg("ct", studies)
    assert manager.export_dicom_seg("ct", studies, overwrite=True) == file
    mosaic = dataclasses.replace(manager.image("ct"), sources=((studies / "ct" / "IM9", 0),) * SHAPE[2])
    with pytest.raises(jlabel.LabelError, match="'ct' is a mosaic"):
        source_headers(mosaic, "ct")
    monkeypatch.setitem(sys.modules, "highdicom", None)
    with pytest.raises(jlabel.JlabelError, match=r"pip install \"jlabel\[dicom\]\""):
        manager.export_dicom_seg("ct", studies, overwrite=True)


def test_each_object_that_is_told_apart_is_a_segment(studies: Path, sources: list, values: np.ndarray) -> None:
    labels = [jlabel.Label("stroma", 1, "#56b4e9"), jlabel.Label("nucleus", 2, "#e69f00", instances=True)]
    manager = jlabel.AppManager(jlabel.RadiologyApp(studies, labels), device="cpu")
    label = np.where(values == 0, 9, values).astype(np.uint8)
    label[..., -1] = 0
    manager.save_label("ct", label)
    made = pydicom.dcmread(manager.export_dicom_seg("ct", studies / "a.dcm"))
    manager.close()
    assert [one.SegmentLabel for one in made.SegmentSequence] == ["stroma", "nucleus 2", "nucleus 9"]
