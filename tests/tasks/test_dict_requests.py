"""A task that takes its request for a dictionary is refused when its app is opened."""

from __future__ import annotations

import copy
import textwrap
from pathlib import Path
from typing import Any

import pytest

import jlabel
from jlabel.tasks.dict_requests import refuse_dict_requests


class Click(jlabel.ClassicClickSegment):
    pass


class ByItem(Click):
    def __call__(self, request: Any, callbacks: Any = None) -> Any:
        request["image"] = "other"
        return super().__call__(request, callbacks)


class ByMethod(Click):
    def __call__(self, request: Any, callbacks: Any = None) -> Any:
        if request.get("label"):
            return None
        return super().__call__(request, callbacks)


class OfACopy(Click):
    def __call__(self, request: Any, callbacks: Any = None) -> Any:
        other = copy.deepcopy(request)
        other.update({"device": "cpu"})
        return super().__call__(other, callbacks)


class Counting(Click):
    calls: dict[str, int] = {}  # noqa: RUF012

    def __call__(self, request: Any, callbacks: Any = None) -> Any:
        self.calls[request.image_id] = self.calls.get(request.image_id, 0) + 1
        return super().__call__(request, callbacks)


class MadeOfIt(Click):
    """What is made of the request may be a dictionary."""

    def __call__(self, request: Any, callbacks: Any = None) -> Any:
        found = self.answer_labels(request)
        return found["liver"], found.get("spleen")


class Rebound(Click):
    def __call__(self, request: Any, callbacks: Any = None) -> Any:
        request = vars(request)
        return request["image"]


@pytest.mark.parametrize(
    ("task", "text"),
    [(ByItem, 'request["image"] = "other"'), (ByMethod, 'request.get("label")'), (OfACopy, "other.update(")],
)
def test_it_is_refused_with_its_line_and_what_to_do(studies_with_image: Path, task: type[Click], text: str) -> None:
    class App(jlabel.LabelApp):
        def init_infers(self) -> dict[str, Any]:
            return {"mine": task(labels=["liver"])}

    with pytest.raises(jlabel.TaskError) as refused:
        App(studies_with_image, ["liver"])
    said = str(refused.value)
    assert f"the infer task 'mine' cannot be used: {task.__name__}.__call__" in said
    assert text in said
    assert f"{Path(__file__).name}, line " in said
    assert "pre_transforms(data)" in said


def test_one_that_takes_the_request_as_it_is_stays() -> None:
    for task in (Click, Counting, MadeOfIt, Rebound):
        refuse_dict_requests({"mine": task(labels=["liver"])})


@pytest.fixture
def studies_with_image(tmp_path: Path) -> Path:
    (tmp_path / "studies").mkdir()
    return tmp_path / "studies"


def test_in_a_folder_of_an_author(tmp_path: Path, studies_with_image: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "main.py").write_text(
        textwrap.dedent("""
        import jlabel

        class Spine(jlabel.ClassicClickSegment):
            def __call__(self, request):
                result = {"image": request["image"]}
                return None, result

        class MyApp(jlabel.LabelApp):
            def init_infers(self):
                return {"spine": Spine(labels=["spine"])}
        """)
    )
    with pytest.raises(jlabel.JlabelError, match=r"'spine' cannot be used.*main\.py, line 6"):
        jlabel.open_app(tmp_path / "app", studies=studies_with_image)
