from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jlabel.labeler.visited_images import VisitedImages


def visited(*images: str) -> VisitedImages:
    visits = VisitedImages()
    for image in images:
        visits.go(image)
    return visits


def test_back_and_forward_again():
    visits = visited("a", "b", "c")
    assert (visits.before, visits.after) == ("b", None)
    visits.back()
    assert (visits.before, visits.after) == ("a", "c")
    visits.forward()
    assert (visits.before, visits.after) == ("b", None)


def test_going_elsewhere_forgets_what_came_after():
    visits = visited("a", "b", "c")
    visits.back()
    visits.back()
    visits.go("d")
    assert (visits.before, visits.after) == ("a", None)


def test_opening_the_present_image_again_is_no_visit():
    assert visited("a", "a").before is None


def test_an_image_that_is_gone_is_passed_by():
    visits = visited("a", "b", "c")
    visits.forget("b")
    assert visits.before == "a"
    visits.back()
    visits.forget("c")
    assert (visits.before, visits.after) == (None, None)


@given(st.lists(st.sampled_from(["go a", "go b", "go c", "back", "forward"])))
def test_back_undoes_forward_wherever_one_is(steps):
    visits = visited("start")
    for step in steps:
        if step.startswith("go"):
            visits.go(step[3:])
        elif step == "back" and visits.before is not None:
            here, gone_to = visits.after, visits.before
            visits.back()
            assert visits.after is not None
            visits.forward()
            assert (visits.before, visits.after) == (gone_to, here)
            visits.back()
        elif step == "forward" and visits.after is not None:
            visits.forward()
