"""The page of all checks, `docs/fieldwork-checks.md`, made of the registry.

Here: what each check looks at, why, and what to do, in English and Arabic. Run it with
`python -m meal_pipeline.validate.fieldwork.describe docs/fieldwork-checks.md`. Not here: the keys
by which they are declared (`docs/project-file.md`).
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from meal_pipeline.validate.fieldwork.registry import CHECKS, FieldworkCheck
from meal_pipeline.workspace.fieldwork import FormFieldwork

_HEAD = """\
# Checks of fieldwork · فحوص العمل الميداني

<!-- Made by: python -m meal_pipeline.validate.fieldwork.describe docs/fieldwork-checks.md -->

High-frequency checks look at a form's interviews while they arrive. They run where the project's
file says so, with limits that suit a survey of households:

```yaml
forms:
  household:
    team: team                          # checks of many interviews compare teams
validation:
  fieldwork:
    household:                          # {} runs all that need no declaration
      HFC05: {minutes: 15}              # a limit of its own
      HFC11: {question: consent}        # a check that needs a declaration
  severity:
    fieldwork.HFC28: off                # a check that is not wanted
    fieldwork.HFC05: warning            # told, but the row stays
```

Every key stands in [the project file](project-file.md). A check that lacks a declaration says once,
as information, what would switch it on. A critical finding quarantines its row. See them with
`meal findings PROJECT --rule fieldwork`.

Checks look at eligible rows. Those of teams name no person; with `level: enumerator` they compare
enumerators by their pseudonyms, for those who may judge single persons. No personal answer and no
point on the map is ever shown.

<div dir="rtl">

تنظر هذه الفحوص في مقابلات الاستمارة وهي تصل. يصرّح عنها ملف المشروع في `validation.fieldwork`،
وحدودها الافتراضية تناسب مسح الأسر. الفحص الذي ينقصه تصريح يقول ذلك مرة واحدة كمعلومة.
والنتيجة الحرجة تحجر السجل. المقارنة بين الفرق افتراضياً ولا يُذكر فيها شخص؛ ومع
`level: enumerator` تكون بين العدّادين برموزهم البديلة، لمن يحق له الحكم على الأفراد.
ولا يُعرض جواب شخصي ولا موقع على الخريطة أبداً.

</div>
"""


def page() -> str:
    """Give the whole page as Markdown."""
    return "\n".join([_HEAD, *(line for check in CHECKS for line in _lines(check))])


def _lines(check: FieldworkCheck) -> Iterator[str]:
    words = check.words
    needs = ", ".join(f"`{one}`" for one in check.needs) or "nothing"
    yield f"## {check.code} · {words.name['en']} · {words.name['ar']}\n"
    yield f"- **Rule** `{check.rule}`, {check.severity}: {words.rule['en']}"
    yield f"- **Needs** {needs}. **Default:** {_defaults(check.code)}"
    yield f"- **Why** {words.why['en']} **Next:** {words.next['en']}\n"
    yield '<div dir="rtl">\n'
    yield f"- **القاعدة:** {words.rule['ar']}"
    yield f"- **لماذا:** {words.why['ar']} **ما العمل:** {words.next['ar']}\n"
    yield "</div>\n"


def _defaults(code: str) -> str:
    field = FormFieldwork.model_fields.get(code)
    limits = getattr(field.default, "__dict__", {}) if field is not None else {}
    shown = [f"`{name}: {_shown(value)}`" for name, value in limits.items()]
    return (", ".join(shown) or "none") + "."


def _shown(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(str, value))}]"
    return "–" if value is None else str(value)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), "utf-8")
