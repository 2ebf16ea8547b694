"""Template apps, ready to use and to learn from."""

from jlabel.apps.app_file import app_from_config
from jlabel.apps.app_folder import open_app
from jlabel.apps.bundle import BundleApp
from jlabel.apps.monailabel_app import MONAILabelApp
from jlabel.apps.radiology import RadiologyApp
from jlabel.apps.task_config import TaskConfig

__all__ = ["BundleApp", "MONAILabelApp", "RadiologyApp", "TaskConfig", "app_from_config", "open_app"]
