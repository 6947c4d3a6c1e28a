import pytest

from meal_pipeline.forms import guess_personal, unite
from meal_pipeline.forms.personal import plain_words

from .builders import form, row


def kind_of(type_, name, english=None, arabic=None):
    guesses = guess_personal(form(row(type_, name, [english, arabic])))
    return guesses[0].kind if guesses else None


@pytest.mark.parametrize(
    ("type_", "name", "english", "arabic", "kind"),
    [
        ("text", "respondent_name", None, None, "name"),
        ("text", "q1", "Full name", None, "name"),
        ("text", "q1", None, "الاسم الثلاثي", "name"),
        ("text", "q1", None, "إسم رب الأسرة", "name"),
        ("text", "firstName", None, None, "name"),
        ("text", "q1", "Name of the village leader", None, "name"),
        ("text", "phone", None, None, "phone"),
        ("integer", "phone_number", None, None, "phone"),
        ("integer", "q9", "Phone", None, "phone"),
        ("text", "q2", None, "رقم الهاتف", "phone"),
        ("text", "q2", None, "رقم الموبايل أو الواتساب", "phone"),
        ("text", "national_id", None, None, "national_id"),
        ("integer", "q3", None, "الرقم الوطني", "national_id"),
        ("text", "q3", None, "رقم الهوية", "national_id"),
        ("text", "q3", None, "دفتر العائلة", "national_id"),
        ("text", "email", None, None, "email"),
        ("text", "q4", None, "البريد الإلكتروني", "email"),
        ("text", "q5", "Home address", None, "address"),
        ("text", "q5", None, "عنوان السكن", "address"),
        ("date", "dob", None, None, "birth_date"),
        ("date", "q6", None, "تاريخ الميلاد", "birth_date"),
        ("text", "iban", None, None, "bank_account"),
        ("text", "q7", None, "رقم الحساب", "bank_account"),
        ("geopoint", "here", None, None, "location"),
        ("start-geopoint", "here", None, None, "location"),
        ("image", "photo", None, None, "media"),
        ("audio", "voice", None, None, "media"),
        ("deviceid", "deviceid", None, None, "device"),
        ("username", "username", None, None, "account"),
    ],
)
def test_probable_personal_data_is_found(type_, name, english, arabic, kind):
    assert kind_of(type_, name, english, arabic) == kind


@pytest.mark.parametrize(
    ("type_", "name", "english", "arabic"),
    [
        ("text", "village_name", "Name of the village", "اسم القرية"),
        ("text", "q1", None, "اسم المخيم"),
        ("text", "camp", "Camp", "المخيم"),
        ("integer", "hh_size", "Household size", "عدد أفراد الأسرة"),
        ("integer", "airtime", "How much did you pay for phone credit?", None),
        ("decimal", "price", "Price of a phone", None),
        ("select_one yn", "has_phone", "Do you have a phone?", "هل لديك هاتف؟"),
        ("integer", "age", "Age", "العمر"),
        ("date", "arrival_date", "Date of arrival", "تاريخ الوصول"),
        ("text", "remark", "Remarks", "ملاحظات"),
        ("start", "start", None, None),
    ],
)
def test_what_names_no_person_is_left_alone(type_, name, english, arabic):
    assert kind_of(type_, name, english, arabic) is None


def test_a_guess_says_why():
    (guess,) = guess_personal(form(row("text", "q", ["Phone number", None])))
    assert guess.reason == "Its name or label says “phone number”."


def test_a_union_is_searched_by_column():
    both = unite([form(row("text", "phone"), uid="v1"), form(row("text", "other"), uid="v2")])
    assert [(g.question, g.kind) for g in guess_personal(both)] == [("phone", "phone")]


def test_letters_that_look_alike_in_arabic_count_as_one():
    assert plain_words("الإسمُ الكامـل") == "الاسم الكامل"
    assert plain_words("HH-head_firstName") == "hh head first name"
