from __future__ import annotations

from jlabel.labeler.result_rows import result_rows


def test_values_are_lines_of_text():
    told = {"score": 0.987654, "box": [[1, 2], [3, 4]], "name": "<b>tool</b>\n\u202eevil", "none": None}
    assert result_rows(told) == [
        ("score", "0.9877"),
        ("box", "[[1, 2], [3, 4]]"),
        ("name", "<b>tool</b>  evil"),
        ("none", "null"),
    ]


def test_much_is_cut():
    rows = result_rows({"long": "x" * 10_000, "list": list(range(100_000)), **{str(n): n for n in range(100)}})
    assert [len(value) for _, value in rows[:2]] == [301, 301]
    assert rows[0][1].endswith("x…")
    assert (len(rows), rows[-1]) == (31, ("…", "72 more"))


def test_what_is_no_json_is_named_by_its_type():
    loop: list[object] = []
    loop.append(loop)
    assert result_rows({"loop": loop})[0][0] == "loop"
    assert result_rows({"odd": {1j: 2}}) == [("odd", "dict")]
