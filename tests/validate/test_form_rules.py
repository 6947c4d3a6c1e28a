"""What a form states itself, held against its rows; every count here was made by hand."""

import pytest

from meal_pipeline.forms import parse_content, unite
from meal_pipeline.forms.attached_files import AttachedFile, with_files
from meal_pipeline.validate.form_rules import derive_rules
from meal_pipeline.validate.masks import evaluate_rules

from .builders import START, child_frame, choices, form, main_frame, row


def outcomes(version, *answers, rules_of=None, **repeats):
    union = unite([version])
    rules = derive_rules(version, union, **(rules_of or {}))
    return {
        (one.check.rule, one.check.question): one
        for one in evaluate_rules({"": main_frame(union, *answers), **repeats}, union, rules)
    }


def counts(outcome):
    return outcome.asked, outcome.answered, outcome.failed.tolist()


def test_a_required_question_fails_where_it_has_no_answer():
    version = form(row("integer", "age", required="true"))
    found = outcomes(version, {"age": 3}, {}, {"age": 0}, {})
    assert counts(found["form.required", "age"]) == (4, 2, [1, 3])


def test_a_required_question_is_not_asked_where_the_form_does_not_ask_it():
    version = form(
        row("select_one yn", "works"),
        row("integer", "wage", required="true", relevant="${works} = 'yes'"),
        lists=choices("yn", "yes", "no"),
    )
    found = outcomes(
        version, {"works": "yes"}, {"works": "no"}, {}, {"works": "yes", "wage": 5}, {"wage": 7}
    )
    assert counts(found["form.required", "wage"]) == (2, 1, [0])
    assert counts(found["form.relevant", "wage"]) == (3, 1, [4])


def test_a_condition_for_being_required_is_evaluated():
    version = form(row("integer", "size"), row("text", "why", required="${size} > 10"))
    found = outcomes(version, {"size": 11}, {"size": 2}, {"size": 12, "why": "all"}, {})
    assert counts(found["form.required", "why"]) == (2, 1, [0])


def test_an_answer_must_be_among_the_choices():
    version = form(row("select_one sex", "sex"), lists=choices("sex", "f", "m"))
    found = outcomes(version, {"sex": "f"}, {"sex": "x"}, {}, {"sex": "m"})
    assert counts(found["form.choice", "sex"]) == (4, 3, [1])


def test_each_of_several_answers_must_be_among_the_choices():
    version = form(row("select_multiple needs", "needs"), lists=choices("needs", "food", "water"))
    found = outcomes(
        version, {"needs": "food water"}, {"needs": "food tent"}, {}, {"needs": "water"}
    )
    assert counts(found["form.choice", "needs"]) == (4, 3, [1])


def test_the_new_code_of_a_renamed_choice_is_right_and_the_old_one_is_not():
    version = form(row("select_one source", "water"), lists=choices("source", "tanker", "well"))
    renamed = {"same_choices": {"source": {"tanker": "trucking"}}}
    found = outcomes(version, {"water": "trucking"}, {"water": "tanker"}, rules_of=renamed)
    assert counts(found["form.choice", "water"]) == (2, 2, [1])


def test_odd_choice_names_pass():
    version = form(row("select_one odd", "odd"), lists=choices("odd", "None", "NA", "a.b-c", "نعم"))
    found = outcomes(version, {"odd": "None"}, {"odd": "NA"}, {"odd": "a.b-c"}, {"odd": "نعم"})
    assert counts(found["form.choice", "odd"]) == (4, 4, [])


def test_a_choice_list_kept_in_a_file_makes_no_rule():
    version = form(row("select_one_from_file camps.csv", "camp"))
    assert not outcomes(version, {"camp": "x"})


def test_a_choice_list_whose_file_is_not_here_blocks_its_rule_alone():
    version = with_files(
        form(row("select_one_from_file places.csv", "place", required="true")), files=[]
    )
    found = outcomes(version, {"place": "x"}, {})
    choice, required = found["form.choice", "place"], found["form.required", "place"]

    assert "places.csv" in (choice.blocked or {})["en"]
    assert (required.blocked, counts(required)) == (None, (2, 1, [1]))


def test_a_choice_list_in_a_file_is_held_against_the_answers():
    file = AttachedFile("places.csv", b"name,label\na,A\n")
    version = with_files(form(row("select_one_from_file places.csv", "place")), [file])
    (one,) = outcomes(version, {"place": "a"}, {"place": "b"}).values()

    assert counts(one) == (2, 2, [1])


def test_codes_with_blanks_are_held_against_the_list_as_they_were_taken_apart():
    version = form(row("select_multiple l", "q"), lists=choices("l", "water truck", "well"))
    (one,) = outcomes(version, {"q": "well water truck"}, {"q": "well truck"}).values()

    assert counts(one) == (2, 2, [1])


def test_a_constraint_is_held_against_every_answer_and_only_answers():
    version = form(row("integer", "age", constraint=". >= 0 and . <= 120"))
    found = outcomes(version, {"age": 30}, {"age": 500}, {}, {"age": -1}, {"age": 120})
    assert counts(found["form.constraint", "age"]) == (5, 4, [1, 3])


def test_today_is_the_day_on_which_the_row_was_filled_in():
    version = form(row("start", "start"), row("date", "born", constraint=". <= today()"))
    day, later = START.replace(tzinfo=None), START.replace(day=9, tzinfo=None)
    found = outcomes(version, {"start": START, "born": day}, {"start": START, "born": later})
    assert counts(found["form.constraint", "born"]) == (2, 2, [1])


def test_a_constraint_may_look_at_another_question():
    version = form(row("integer", "size"), row("integer", "children", constraint=". <= ${size}"))
    found = outcomes(version, {"size": 4, "children": 5}, {"size": 4, "children": 4})
    assert counts(found["form.constraint", "children"]) == (2, 2, [0])


def test_the_forms_own_sentence_is_what_the_finding_says():
    texts = ["Ages end at 120.", "لا يزيد العمر على 120."]
    version = form(row("integer", "age", constraint=". < 121", constraint_message=texts))
    (rule,) = derive_rules(version)
    assert rule.message == {"en": "Ages end at 120.", "ar": "لا يزيد العمر على 120."}


def test_a_finding_names_the_question_by_its_label_in_each_language():
    version = form(row("integer", "age", label=["Age", "العمر"], required="true"))
    (rule,) = derive_rules(version)
    assert "“Age”" in rule.message["en"]
    assert "«العمر»" in rule.message["ar"]


@pytest.mark.parametrize(
    ("parameters", "wrong"),
    [("start=1 end=5 step=1", [1, 3, 4]), ("start=0 end=5 step=0.5", [3, 4]), ("", [1])],
)
def test_a_number_on_a_scale_lies_on_one_of_its_steps(parameters, wrong):
    version = form(row("range", "score", parameters=parameters))
    answers = [{"score": 5}, {"score": 1.5}, {}, {"score": 7}, {"score": 6}]
    found = outcomes(version, *answers)
    assert counts(found["form.range", "score"]) == (5, 4, wrong)


def test_a_time_must_be_a_time_of_day():
    version = form(row("time", "lunch"))
    found = outcomes(
        version, {"lunch": "12:30:00.000+03:00"}, {"lunch": "25:00"}, {"lunch": "noon"}
    )
    assert counts(found["form.type", "lunch"]) == (3, 3, [1, 2])


def test_a_group_that_is_not_asked_asks_none_of_its_questions():
    version = form(
        row("integer", "size"),
        row("begin_group", "members", relevant="${size} > 1"),
        row("text", "others", required="true"),
        row("end_group"),
    )
    found = outcomes(version, {"size": 1}, {"size": 2}, {"size": 1, "others": "x"})
    assert counts(found["form.required", "others"]) == (1, 0, [1])
    assert counts(found["form.relevant", "others"]) == (2, 1, [2])


def test_rows_of_a_repeat_are_asked_as_the_form_around_them_says():
    version = form(
        row("integer", "size"),
        row("begin_repeat", "member", relevant="${size} > 1"),
        row("integer", "age", required="true", constraint=". <= ${size} * 50"),
        row("end_repeat"),
    )
    union = unite([version])
    rows = ({"_id": 1, "_position": "1", "age": 101}, {"_id": 1, "_position": "2"})
    member = child_frame(union, "member", *rows, {"_id": 2, "_position": "1", "age": 200})
    found = outcomes(version, {"size": 2}, {"size": 1}, member=member)
    assert counts(found["form.required", "age"]) == (2, 1, [1])
    assert counts(found["form.constraint", "age"]) == (2, 1, [0])
    assert counts(found["form.relevant", "age"]) == (1, 1, [2])


def test_each_row_is_held_against_its_own_form_version():
    old = form(row("integer", "age", constraint=". < 100"), uid="v1")
    new = form(row("integer", "age", constraint=". < 50", required="true"), uid="v2")
    union = unite([old, new])
    frame = main_frame(
        union, {"_version": "v1", "age": 70}, {"_version": "v2", "age": 70}, {"_version": "v1"}
    )
    rules = [rule for version in (old, new) for rule in derive_rules(version, union)]
    found = [
        (one.check.version, one.check.rule, *counts(one))
        for one in evaluate_rules({"": frame}, union, rules)
    ]
    assert found == [
        ("v1", "form.constraint", 2, 1, []),
        ("v2", "form.required", 1, 1, []),
        ("v2", "form.constraint", 1, 1, [1]),
    ]


def test_a_rule_whose_expression_is_refused_is_blocked_and_never_passed():
    version = form(row("integer", "age", constraint="no-such-function(.)"), row("integer", "size"))
    found = outcomes(version, {"age": 500})
    blocked = found["form.constraint", "age"].blocked
    assert set(blocked) == {"en", "ar"}
    assert "no-such-function" in blocked["en"]
    assert found["form.constraint", "age"].asked == 0


def test_a_condition_on_a_question_that_is_not_kept_blocks_the_rules_that_use_it():
    version = form(
        row("text", "phone"),
        row("text", "when", required="true", relevant="${phone} != ''"),
        row("text", "where", required="true"),
    )
    union = unite([version])
    frame = main_frame(union, {}, {}).drop(columns="phone")
    found = {
        (one.check.rule, one.check.question): one
        for one in evaluate_rules({"": frame}, union, derive_rules(version))
    }
    assert "phone" in found["form.required", "when"].blocked["en"]
    assert found["form.required", "where"].blocked is None


def test_a_pseudonym_is_held_against_no_rule_and_no_condition_looks_at_it():
    version = form(
        row("text", "name", constraint=". = 'Amal'"), row("text", "b", relevant="${name} = 'Amal'")
    )
    union = unite([version])
    hidden = frozenset({"name"})
    rules = derive_rules(version, union, personal=hidden)
    frame = main_frame(union, {"name": "9f3c", "b": "x"})
    (only,) = evaluate_rules({"": frame}, union, rules, hidden=hidden)
    assert (only.check.rule, only.blocked is None) == ("form.relevant", False)


def test_severities_are_as_declared_and_off_leaves_a_rule_out():
    version = form(row("integer", "age", required="true"), row("integer", "size", required="true"))
    rules = derive_rules(
        version, severities={"form.required": "off", "form.required:age": "critical"}
    )
    assert [(rule.question, rule.severity) for rule in rules] == [("age", "critical")]


def test_what_the_app_fills_in_by_itself_has_no_rules():
    version = form(row("start", "start"), row("calculate", "c", calculation="1"), row("note", "n"))
    assert derive_rules(version) == []


def test_a_question_named_like_one_of_our_columns_is_found():
    version = form(row("integer", "_id", constraint=". < 10"))
    union = unite([version])
    frame = main_frame(union, {}, {}).loc[:, lambda one: ~one.columns.duplicated()]
    frame["_id/"] = frame["_id"] * 8
    (only,) = evaluate_rules({"": frame}, union, derive_rules(version))
    assert counts(only) == (2, 2, [1])


def test_the_forms_sentence_in_an_unnamed_language_is_said_to_everyone():
    survey = [{**row("integer", "age", constraint=". < 121"), "constraint_message": ["عمر خاطئ"]}]
    unnamed = {"survey": survey, "choices": [], "translations": [None]}
    version = parse_content(unnamed, asset_uid="aHome", version_uid="v1")
    (rule,) = derive_rules(version)
    assert rule.message["en"] == rule.message["ar"] == "عمر خاطئ"


def test_a_nested_repeat_is_asked_as_the_repeat_around_it_says():
    version = form(
        row("begin_repeat", "member"),
        row("integer", "age"),
        row("begin_repeat", "illness", relevant="${age} > 60"),
        row("text", "name", required="true"),
        row("end_repeat"),
        row("end_repeat"),
    )
    union = unite([version])
    place = {"_id": 1}
    member = child_frame(
        union,
        "member",
        {**place, "_position": "1", "age": 30},
        {**place, "_position": "2", "age": 70},
    )
    illness = child_frame(
        union,
        "illness",
        {**place, "_position": "2/1"},
        {**place, "_position": "1/1", "name": "flu"},
    )
    found = outcomes(version, {}, member=member, illness=illness)
    assert counts(found["form.required", "name"]) == (1, 0, [0])
    assert counts(found["form.relevant", "name"]) == (1, 1, [1])
