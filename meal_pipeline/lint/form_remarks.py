"""Remarks on the form as a whole: a key, consent, personal data, a language for those who answer.

Here: what is missing or not marked. Not here: single questions (`question_remarks`).
"""

import re
from collections.abc import Iterator

from meal_pipeline.forms import guess_personal, unite
from meal_pipeline.forms.personal import plain_words
from meal_pipeline.lint.drawn import Drawn
from meal_pipeline.lint.labels import arabic_language
from meal_pipeline.lint.remarks import FormRemark
from meal_pipeline.locale import gettext as _
from meal_pipeline.workspace.known_questions import role
from meal_pipeline.workspace.project import Form

_KEY = re.compile(
    r"\b(hh|hhs|household|house hold|case|beneficiary|family|respondent|registration|unique|survey)"
    r" ?(id|code|number|no|num|key|uid)\b|رمز (ال)?(اسره|مستفيد)|رقم (ال)?(اسره|مستفيد|حاله)"
)
_CONSENT = re.compile(
    r"\b(consent\w*|agrees?|permission|willing)\b|موافق|توافق|يوافق|اذنك|تسمح|ترغب في المشاركه"
)
_KEPT = ("location", "media")
"""Kinds of personal data that stay in the private rows until a project says otherwise."""


def form_remarks(drawn: Drawn, declared: Form | None) -> Iterator[FormRemark]:
    """Give them; `declared` is what a project says of the form."""
    if not _has_key(drawn, declared):
        yield FormRemark(
            "key.missing",
            "survey",
            None,
            "",
            _("No question tells one household or person from another."),
            _(
                "Ask for a code that is given once, such as hh_id, or read it from a card"
                " (barcode); name it as subject in the project's file."
            ),
        )
    if not any(_asks_consent(drawn, place) for place in range(len(drawn.rows))):
        yield FormRemark(
            "consent.missing",
            "survey",
            None,
            "",
            _("No question asks for consent."),
            _("Ask at the start with select_one, and let the rest be relevant where it is given."),
        )
    if drawn.rows and arabic_language(drawn) is None:
        yield FormRemark(
            "label.no_arabic",
            "survey",
            None,
            "",
            _("The form has no Arabic labels."),
            _("Add a column label::Arabic (ar) to the sheets survey and choices."),
        )
    yield from _personal(drawn, declared)


def _has_key(drawn: Drawn, declared: Form | None) -> bool:
    if declared is not None and declared.subject:
        return True
    if role(unite([drawn.version]), "subject") is not None:
        return True
    outside = [one for one in drawn.rows if one.repeat is None and not one.is_group]
    return any(
        one.row.type == "barcode" or _KEY.search(plain_words(one.name)) for one in outside
    ) or any(
        one.is_asked and _KEY.search(plain_words(text))
        for one in outside
        for text in one.row.text("label").values()
        if one.row.type in ("text", "integer")
    )


def _asks_consent(drawn: Drawn, place: int) -> bool:
    one = drawn.rows[place]
    if not one.row.type.startswith(("select_one", "acknowledge")):
        return False
    texts = [one.name, *one.row.text("label").values(), *one.row.text("hint").values()]
    return any(_CONSENT.search(plain_words(text)) for text in texts)


def _personal(drawn: Drawn, declared: Form | None) -> Iterator[FormRemark]:
    marked = set(declared.personal_data) if declared else set()
    if declared and declared.enumerator:
        marked.add(declared.enumerator)
    for guess in guess_personal(drawn.version):
        question = drawn.version.question(guess.question)
        if guess.kind in _KEPT or not marked.isdisjoint({question.name, question.path}):
            continue
        row = drawn.by_path.get(question.path)
        yield FormRemark(
            "personal.not_marked",
            "survey",
            row.row.number if row else None,
            question.name,
            _("The answers to {name} probably are personal data. {reason}").format(
                name=question.name, reason=guess.reason
            ),
            _(
                "Say so below personal_data in the project's file: pseudonym, drop or keep. Until"
                " then they are withheld. Ask only for what you need."
            ),
        )
