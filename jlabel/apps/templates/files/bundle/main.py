"""A labeling app of MONAI bundles. It is yours: change it.

import jlabel

app = jlabel.open_app("myapp", studies="~/scans", conf={"bundles": "~/bundles/spleen_ct_segmentation"})
manager = jlabel.AppManager(app)
manager.labeler()
"""

import jlabel

from lib.infers.largest import Largest


class MyApp(jlabel.BundleApp):
    """What BundleApp has, and each bundle once more with a step of your own after it."""

    def init_infers(self) -> dict[str, jlabel.InferTask]:
        """The models, by the name that is shown in the labeler; the bundles come beside them."""
        largest = {
            f"{name}_largest": Largest(bundle=task.bundle.root)
            for name, task in self.bundles.items()
            if not task.interactive
        }
        return {**super().init_infers(), **largest}
