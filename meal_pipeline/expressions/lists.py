"""The lists that `instance('…')` and `pulldata('…', …)` look things up in.

Here: the choice lists of a form and the rows of its attached files, as tables of texts. Not here:
reading files (`meal_pipeline.forms.attached_files`) and walking paths (`paths`).
Source: https://docs.getodk.org/form-datasets/ ; how pyxform writes choices into a form.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from meal_pipeline.expressions.errors import UnsupportedExpression
from meal_pipeline.expressions.names import Form
from meal_pipeline.expressions.values import Value
from meal_pipeline.forms import Choice, FormUnion, FormVersion
from meal_pipeline.forms.languages import UNNAMED
from meal_pipeline.locale import gettext as _

Items = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class ListItems:
    """The items of a list by their columns; `translated` are columns in several languages."""

    name: str
    items: Items
    translated: frozenset[str] = frozenset()

    def __len__(self) -> int:
        """Give the number of items."""
        return len(self.items)

    def column(self, name: str) -> Value | None:
        """Give one text an item; none where no item has the column.

        Raises `UnsupportedExpression` for a label in several languages.
        """
        if name in self.translated:
            raise UnsupportedExpression(
                "instance",
                _("The list {name} has labels in languages; no row tells which was shown.").format(
                    name=self.name
                ),
                next_step=_("Look up a column of the list that has no language."),
            )
        if name not in self._columns:
            return None
        texts = pa.array([one.get(name, "") for one in self.items], pa.large_string())
        return Value("text", texts, is_answer=True)

    @cached_property
    def _columns(self) -> frozenset[str]:
        return frozenset(name for one in self.items for name in one)


def list_items(form: Form | None, name: str) -> ListItems:
    """Give the list of this name: choices of the form, or the rows of an attached file.

    Raises `UnsupportedExpression` where the form has no such list or its file is not here.
    """
    for version in _versions(form):
        for file, rows in version.file_rows.items():
            if name in (file, file.rpartition(".")[0]):
                return ListItems(name, rows)
        if name in version.choices:
            return _choices(name, version.choices[name])
    raise UnsupportedExpression(
        "instance",
        _("The list {name} is neither in the form nor in a file that is here.").format(name=name),
        next_step=_("Attach its file to the form in KoboToolbox, then pull again."),
    )


def _versions(form: Form | None) -> Iterator[FormVersion]:
    """Give the versions whose lists count, the newest first."""
    if isinstance(form, FormUnion):
        yield from reversed(form.versions)
    elif form is not None:
        yield form


def _choices(name: str, choices: Sequence[Choice]) -> ListItems:
    """Give choices as a form holds them: `name`, `label` if it has no language, other columns."""
    translated = any(set(one.labels) - {UNNAMED} for one in choices)
    items = [
        {"name": one.name, "label": one.labels.get(UNNAMED, ""), **one.attributes}
        for one in choices
    ]
    return ListItems(name, items, frozenset({"label"} if translated else ()))
