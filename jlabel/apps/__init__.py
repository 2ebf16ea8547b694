"""Template apps, ready to use and to learn from."""

from jlabel.apps.app_file import app_from_config
from jlabel.apps.app_folder import open_app
from jlabel.apps.bundle import BundleApp
from jlabel.apps.endoscopy import EndoscopyApp
from jlabel.apps.monailabel_app import MONAILabelApp
from jlabel.apps.pathology import PathologyApp
from jlabel.apps.radiology import RadiologyApp
from jlabel.apps.task_config import TaskConfig

__all__ = [
    "BundleApp",
    "EndoscopyApp",
    "MONAILabelApp",
    "PathologyApp",
    "RadiologyApp",
    "TaskConfig",
    "app_from_config",
    "open_app",
]
