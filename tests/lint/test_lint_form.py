"""A form is looked through before fieldwork: each fault by row, each with its fix, and no other."""

import pytest

from meal_pipeline.errors import MealError
from meal_pipeline.exports.xlsforms import read_xlsform
from meal_pipeline.lint import CODES, lint_form
from meal_pipeline.workspace.project import Project

ARABIC = "label::Arabic (ar)"
CONSENT = {"type": "select_one yn", "name": "consent", ARABIC: "هل توافق؟"}
KEY = {"type": "text", "name": "hh_id", ARABIC: "رمز الأسرة"}
YES_NO = [{"list_name": "yn", "name": one, ARABIC: "نعم"} for one in ("yes", "no")]


def row(type_: str, name: str, **cells: str) -> dict:
    return {"type": type_, "name": name, ARABIC: "سؤال", **cells}


def number(name: str = "age", **cells: str) -> dict:
    return row("integer", name, **{"constraint": ". < 120", **cells})


def lint(*survey: dict, choices: tuple[dict, ...] = (), start: tuple[dict, ...] = (CONSENT, KEY)):
    return lint_form({"survey": [*start, *survey], "choices": [*YES_NO, *choices]})


def said(*survey: dict, **more) -> list[tuple[str, int | None]]:
    return [(one.code, one.row) for one in lint(*survey, **more)]


def choice(name: str, label: str = "خيار", **cells: str) -> dict:
    return {"list_name": "water", "name": name, ARABIC: label, **cells}


def test_a_sound_form_gives_no_remark():
    calculation = {"type": "calculate", "name": "older", "calculation": "${age} + 1"}
    note = row("note", "shown", **{ARABIC: "العمر ${older}"})
    assert said(number(), calculation, note) == []


@pytest.mark.parametrize(
    ("survey", "expected"),
    [
        ([row("integer", "age")], ("number.no_constraint", 4)),
        ([row("decimal", "income")], ("number.no_constraint", 4)),
        ([number(), row("text", "age")], ("name.doubled", 5)),
        ([row("text", "note_a"), row("text", "note_A")], ("name.alike", 5)),
        ([row("text", "حاله"), row("text", "حالة")], ("name.alike", 5)),
        ([row("select_one none", "q")], ("select.no_choices", 4)),
        ([row("text", "phone_number")], ("personal.not_marked", 4)),
        ([{"type": "text", "name": "q", "label::English (en)": "Why"}], ("label.missing", 4)),
        ([row("text", "q", **{ARABIC: "Why not"})], ("label.not_arabic", 4)),
        ([number(constraint=". > ")], ("expression.broken", 4)),
        ([number(relevant="${sise} > 1")], ("expression.unknown_question", 4)),
        ([number(relevant="${consent} = 'yess' or true()")], ("expression.unknown_choice", 4)),
        ([number(relevant="false()")], ("relevant.never", 4)),
        ([number("a", relevant="${b} > 1"), number("b")], ("relevant.later", 4)),
        (
            [{"type": "calculate", "name": "lost", "calculation": "1 + 1"}],
            ("calculation.unused", 4),
        ),
        (
            [{"type": "begin_repeat", "name": "r"}, number(), {"type": "end_repeat"}],
            ("repeat.open_ended", 4),
        ),
    ],
)
def test_each_fault_is_named_with_its_row(survey, expected):
    assert said(*survey) == [expected]


@pytest.mark.parametrize(
    ("expression", "differs"),
    [
        ("regex(., '[0-9]{9}')", True),
        ("regex(., '^[0-9]{9}$')", False),
        ("if(${consent}, 1, 2) = 1", True),
        ("if(${consent} = 'yes', 1, 2) = 1", False),
        ("round(. * 2) = 4", True),
        ("${day} > '2026-01-01'", True),
        ("${day} > date('2026-01-01')", False),
        ("'regex(' != .", False),
    ],
)
def test_points_at_which_the_apps_differ_are_named(expression, differs):
    found = said(row("date", "day"), row("text", "q", constraint=expression))
    assert (("expression.engines_differ", 5) in found) is differs


def test_a_sum_over_a_repeat_differs_and_a_sum_of_one_question_does_not():
    repeat = ({"type": "begin_repeat", "name": "r", "repeat_count": "2"}, number("in_it"))
    end = {"type": "end_repeat"}
    inside = number("total", constraint="sum(${in_it}) > 3")
    outside = number("other", constraint="sum(${total}) > 3")
    assert said(*repeat, end, inside, outside) == [("expression.engines_differ", 7)]


@pytest.mark.parametrize(("cells", "found"), [({"required": "yes"}, True), ({}, False)])
def test_a_required_question_in_a_group_that_is_never_asked(cells, found):
    group = {"type": "begin_group", "name": "g", "relevant": "${consent} = 'maybe'"}
    codes = said(group, row("text", "q", **cells), {"type": "end_group"})
    assert (("required.never_asked", 5) in codes) is found


def test_a_name_in_two_groups_is_shared():
    groups = [
        one
        for name in ("a", "b")
        for one in ({"type": "begin_group", "name": name}, number(), {"type": "end_group"})
    ]
    assert said(*groups) == [("name.shared", 8)]


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        ((choice("tap water"), choice("well")), [("choice.blank_in_code", 4)]),
        ((choice("tap"), choice("tap")), [("choice.doubled", 5)]),
        ((choice("tap", of="a"), choice("tap", of="b")), []),
        ((choice("Tap"), choice("tap")), [("choice.alike", 5)]),
        (({"list_name": "water", "name": "tap", "label": "Tap"},), [("label.missing", 4)]),
    ],
)
def test_faults_of_choices_are_named_with_their_row(choices, expected):
    found = said(row("select_multiple water", "q"), choices=choices)
    assert found == expected


def test_what_a_form_as_a_whole_lacks():
    survey = [{"type": "text", "name": "remark", "label::English (en)": "Remark"}]
    codes = {one.code for one in lint_form({"survey": survey, "choices": []})}
    assert codes == {"key.missing", "consent.missing", "label.no_arabic"}


def test_what_the_project_declares_counts():
    survey = [CONSENT, row("text", "card"), row("text", "phone")]
    form = {"uid": "a", "subject": "card", "personal_data": {"phone": {"kind": "phone"}}}
    declared = {"code": "p", "name": {"en": "P"}, "server": "https://kobo.example.org"}
    project = Project.model_validate({**declared, "forms": {"home": form}})
    content = {"survey": survey, "choices": YES_NO}
    assert {one.code for one in lint_form(content)} == {"key.missing", "personal.not_marked"}
    assert lint_form(content, project, "home") == []


def test_a_form_that_cannot_be_read_gives_one_remark():
    (remark,) = lint_form({"survey": [{"type": "begin_group", "name": "g"}]})
    assert (remark.code, remark.severity) == ("file.unreadable", "critical")


def test_real_forms_are_looked_through_and_every_remark_has_a_fix(shared):
    looked_through = 0
    for path in sorted((shared / "reference/kobo/xlsforms").rglob("*.xlsx")):
        try:
            content = read_xlsform(path, path.read_bytes()).content
        except MealError:
            continue  # no form, or refused by sheet and row
        remarks = lint_form(content)
        looked_through += 1
        assert all(one.fix and one.code in CODES for one in remarks)
        assert "expression.broken" not in {one.code for one in remarks}
    assert looked_through > 6
