"""One model of an app with all that belongs to it: infer task, train task, strategies and scoring methods."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from jlabel.tasks.infer import InferTask
from jlabel.tasks.scoring import ScoringMethod
from jlabel.tasks.strategy import Strategy
from jlabel.tasks.train import TrainTask


class TaskConfig(ABC):
    """The parts of an app that belong to one model, as MONAI Label's template apps keep them in a file for each.

    An app makes it without arguments, calls :meth:`init`, and asks it for the parts.

    Attributes:
        name: The name of the model in the app.
        model_dir: The folder of weights of the app.
        conf: The settings of the app.
        planner: What the app gave to plan sizes by; None where it gave nothing.
        kwargs: What else the app gave.
        labels: Names and classes of what the model finds; set by a subclass.
        path: The files of weights; set by a subclass.
        network: The network; set by a subclass.

    Examples:
        >>> class Spleen(jlabel.TaskConfig):
        ...     def init(self, name, model_dir, conf, planner=None, **kwargs):
        ...         super().init(name, model_dir, conf, planner, **kwargs)
        ...         self.labels = {"spleen": 1}
        ...     def infer(self):
        ...         return jlabel.ClassicClickSegment(labels=self.labels)
        ...     def trainer(self):
        ...         return None
        >>> config = Spleen()
        >>> config.init("spleen", "myapp/model", {"preload": "false"})
        >>> config.infer().labels, config.strategy(), config.conf["preload"]
        ({'spleen': 1}, None, 'false')
    """

    #: Where MONAI Label keeps the weights of its template apps.
    PRE_TRAINED_PATH = "https://github.com/Project-MONAI/MONAILabel/releases/download/pretrained"

    def __init__(self) -> None:
        self.name = ""
        self.model_dir = ""
        self.conf: dict[str, str] = {}
        self.planner: Any = None
        self.kwargs: dict[str, Any] = {}
        self.network: Any = None
        self.path: Any = None
        self.labels: Any = None
        self.label_colors: Any = None
        self.bundle_path: Any = None

    def init(self, name: str, model_dir: str, conf: Mapping[str, str], planner: Any = None, **kwargs: Any) -> None:
        """Take what the app gives, before any part is asked for."""
        self.name = name
        self.model_dir = model_dir
        self.conf = dict(conf or {})
        self.planner = planner
        self.kwargs = kwargs

    @abstractmethod
    def infer(self) -> InferTask | dict[str, InferTask]:
        """The infer task, or several by name."""

    @abstractmethod
    def trainer(self) -> TrainTask | None:
        """The train task; None for a model that is not trained."""

    def strategy(self) -> Strategy | dict[str, Strategy] | None:
        """A strategy, or several by name; by default none."""
        return None

    def scoring_method(self) -> ScoringMethod | dict[str, ScoringMethod] | None:
        """A scoring method, or several by name; by default none."""
        return None
