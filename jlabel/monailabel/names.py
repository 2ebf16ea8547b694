"""The names of MONAI Label that apps import, and where in jlabel each of them is."""

from __future__ import annotations

from typing import Final

_APP = {"MONAILabelApp": "jlabel.apps.monailabel_app:MONAILabelApp"}
_DATASTORE = {
    "Datastore": "jlabel.datastores:Datastore",
    "DefaultLabelTag": "jlabel.monailabel.label_tags:DefaultLabelTag",
}
_INFER = {"InferTask": "jlabel.tasks:InferTask", "InferType": "jlabel.tasks.kinds:InferType"}
_BASIC_INFER = {"BasicInferTask": "jlabel.tasks:InferTask", "CallBackTypes": "jlabel.tasks.kinds:CallBackTypes"}
_STRATEGY = {"Strategy": "jlabel.tasks:Strategy"}
_SCORING = {"ScoringMethod": "jlabel.tasks:ScoringMethod"}
_TRAIN = {"TrainTask": "jlabel.tasks:TrainTask"}
_BASIC_TRAIN = {"BasicTrainTask": "jlabel.training:BasicTrainTask", "Context": "jlabel.training:Context"}
_ERRORS = {"MONAILabelException": "jlabel.monailabel.errors:MONAILabelException"}
_ERRORS |= {"MONAILabelError": "jlabel.monailabel.errors:MONAILabelError"}
_CONFIG = {"TaskConfig": "jlabel.apps.task_config:TaskConfig"}
_GENERIC = (
    "create_dataset_from_path",
    "device_list",
    "download_file",
    "file_ext",
    "get_basename",
    "get_basename_no_ext",
    "is_openslide_supported",
    "name_to_device",
    "remove_file",
    "strtobool",
)

NAMES: Final[dict[str, dict[str, str]]] = {
    "monailabel.interfaces": {**_APP, **_DATASTORE, **_ERRORS, **_CONFIG},
    "monailabel.interfaces.app": _APP,
    "monailabel.interfaces.config": _CONFIG,
    "monailabel.interfaces.datastore": _DATASTORE,
    "monailabel.interfaces.exception": _ERRORS,
    "monailabel.interfaces.tasks": {**_INFER, **_STRATEGY, **_SCORING, **_TRAIN},
    "monailabel.interfaces.tasks.infer": _INFER,
    "monailabel.interfaces.tasks.infer_v2": _INFER,
    "monailabel.interfaces.tasks.scoring": _SCORING,
    "monailabel.interfaces.tasks.strategy": _STRATEGY,
    "monailabel.interfaces.tasks.train": _TRAIN,
    "monailabel.interfaces.utils.transform": {"run_transforms": "jlabel.monailabel.run_transforms:run_transforms"},
    "monailabel.config": {"settings": "jlabel.monailabel.settings:settings"},
    "monailabel.datastore.local": {"LocalDatastore": "jlabel.datastores:LocalDatastore"},
    "monailabel.tasks.infer.basic_infer": _BASIC_INFER,
    "monailabel.tasks.infer.bundle": {"BundleInferTask": "jlabel.monailabel.bundle_tasks:BundleInferTask"},
    "monailabel.tasks.train.basic_train": _BASIC_TRAIN,
    "monailabel.tasks.train.bundle": {"BundleTrainTask": "jlabel.monailabel.bundle_tasks:BundleTrainTask"},
    "monailabel.tasks.train.utils": {"region_wise_metrics": "jlabel.monailabel.metrics:region_wise_metrics"},
    "monailabel.utils.train.basic_train": _BASIC_TRAIN,
    "monailabel.tasks.activelearning.first": {"First": "jlabel.selection:First"},
    "monailabel.tasks.activelearning.random": {"Random": "jlabel.selection:Random"},
    "monailabel.tasks.activelearning.epistemic": {"Epistemic": "jlabel.monailabel.scoring:Epistemic"},
    "monailabel.tasks.scoring.dice": {"Dice": "jlabel.monailabel.scoring:Dice"},
    "monailabel.tasks.scoring.sum": {"Sum": "jlabel.monailabel.scoring:Sum"},
    "monailabel.tasks.scoring.epistemic": {"EpistemicScoring": "jlabel.monailabel.epistemic:NetworkEpistemicScoring"},
    "monailabel.tasks.scoring.epistemic_v2": {"EpistemicScoring": "jlabel.monailabel.epistemic:TaskEpistemicScoring"},
    "monailabel.transform.post": {
        "BoundingBoxd": "jlabel.transforms:BoundingBoxd",
        "ExtremePointsd": "jlabel.transforms:ExtremePointsd",
        "FindContoursd": "jlabel.transforms:FindContoursd",
        "LargestCCd": "jlabel.transforms:LargestCCd",
        "RenameKeyd": "jlabel.transforms:RenameKeyd",
        "Restored": "jlabel.transforms:Restored",
    },
    "monailabel.transform.pre": {
        "LoadImageExd": "jlabel.transforms:LoadImageExd",
        "NormalizeLabeld": "jlabel.transforms:NormalizeLabeld",
    },
    "monailabel.transform.writer": {
        "ClassificationWriter": "jlabel.monailabel.writers:ClassificationWriter",
        "DetectionWriter": "jlabel.monailabel.writers:DetectionWriter",
        "PolygonWriter": "jlabel.monailabel.writers:PolygonWriter",
        "Writer": "jlabel.monailabel.writers:Writer",
    },
    "monailabel.deepedit.transforms": {
        "AddClickGuidanced": "jlabel.transforms:AddClickGuidanced",
        "AddGuidanceSignald": "jlabel.transforms:AddGuidanceSignald",
        "AddInitialSeedPointd": "jlabel.transforms:AddInitialSeedPointd",
        "ResizeGuidanced": "jlabel.transforms:ResizeGuidanced",
    },
    "monailabel.scribbles.infer": {
        "GMMBasedGraphCut": "jlabel.monailabel.scribbles:GMMBasedGraphCut",
        "HistogramBasedGraphCut": "jlabel.monailabel.scribbles:HistogramBasedGraphCut",
    },
    "monailabel.sam2.utils": {"is_sam2_module_available": "jlabel.monailabel.absent:is_sam2_module_available"},
    "monailabel.utils.others.class_utils": {"get_class_names": "jlabel.monailabel.class_names:get_class_names"},
    "monailabel.utils.others.generic": {
        **{name: f"jlabel.monailabel.generic:{name}" for name in _GENERIC},
        "get_bundle_models": "jlabel.monailabel.bundle_tasks:get_bundle_models",
    },
    "monailabel.utils.others.planner": {"HeuristicPlanner": "jlabel.monailabel.planner:HeuristicPlanner"},
}
"""Module to names to ``"module:name"`` in jlabel."""

_SAM = "use the app's click models, or a MONAI bundle that takes clicks"
_SERVERS = "copy the images into a folder and give it as studies, or write a jlabel.Datastore for the server"
_HANDLERS = "use monai.handlers.TensorBoardImageHandler, or the option tracking='tensorboard'"

REFUSED: Final[dict[str, dict[str, str]]] = {
    "monailabel.sam2.infer": {"Sam2InferTask": _SAM},
    "monailabel.datastore.cvat": {"CVATDatastore": _SERVERS},
    "monailabel.datastore.dsa": {"DSADatastore": _SERVERS},
    "monailabel.datastore.dicom": {"DICOMWebDatastore": _SERVERS},
    "monailabel.datastore.xnat": {"XNATDatastore": _SERVERS},
    "monailabel.deepedit.handlers": {"TensorBoardImageHandler": _HANDLERS, "TensorBoard2DImageHandler": _HANDLERS},
    "monailabel.deepedit.interaction": {"Interaction": "use monai.apps.deepedit.interaction.Interaction"},
    "monailabel.tasks.infer.bundle": {"BundleConstants": "a bundle is read by the names of MONAI's specification"},
    "monailabel.tasks.train.bundle": {"BundleConstants": "a bundle is read by the names of MONAI's specification"},
}
"""Module to names to what to do instead; they can be imported, and refuse to be made."""
