"""KoboToolbox's own groups, written out as the plain groups that the data has.

Here: `begin_score`, `begin_rank` and `begin_kobomatrix` to groups and selects, with the names that
the server gives them. Not here: anything about plain groups and repeats (`content`).
Source: KoboToolbox's deployed forms; the `$xpath` of matrix columns and rank levels is not the key
in their data.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from meal_pipeline.forms.errors import FormError
from meal_pipeline.forms.model import Choice, Labels
from meal_pipeline.forms.sheets import Row, is_yes
from meal_pipeline.locale import gettext as _

ChoiceLists = Mapping[str, tuple[Choice, ...]]

_LIST_COLUMN = {
    "begin_score": "kobo--score-choices",
    "begin_rank": "kobo--rank-items",
    "begin_kobomatrix": "kobo--matrix_list",
}


def expand_special_groups(rows: Iterable[Row], choices: ChoiceLists) -> Iterator[Row]:
    """Give the rows with scores, ranks and matrices written out, all others as they are.

    Raises `FormError` where such a group is not closed.
    """
    remaining = iter(rows)
    for row in remaining:
        if row.type not in _LIST_COLUMN:
            yield row
            continue
        inside = _until(remaining, row.type.replace("begin", "end"), row)
        list_name = row.cells.get(_LIST_COLUMN[row.type])
        if row.type == "begin_score":
            yield from _score(row, inside, list_name)
        elif row.type == "begin_rank":
            yield from _rank(row, inside, list_name)
        else:
            yield from _matrix(row, inside, choices.get(list_name or "", ()))


def _until(rows: Iterator[Row], end: str, begin: Row) -> list[Row]:
    inside: list[Row] = []
    for row in rows:
        if row.type == end:
            return inside
        inside.append(row)
    raise FormError(
        _("Row {row} of the form: the group “{name}” is not closed.").format(
            row=begin.number, name=begin.name
        )
    )


def _group(row: Row, inside: Sequence[Row], *, name: str | None, relevant: bool) -> Iterator[Row]:
    cells = {"relevant": row.cells["relevant"]} if relevant and "relevant" in row.cells else {}
    yield replace(row, type="begin_group", name=name, list_name=None, cells=cells)
    yield from inside
    yield Row(row.number, "end_group", None)


def _score(row: Row, inside: Sequence[Row], list_name: str | None) -> Iterator[Row]:
    """One select a row; asked with the group's own `required`."""
    required = {"required": "true"} if is_yes(row.cells.get("required")) else {}
    selects = [
        replace(one, type="select_one", list_name=list_name, cells={**one.cells, **required})
        for one in inside
    ]
    return _group(row, selects, name=row.name, relevant=True)


def _rank(row: Row, inside: Sequence[Row], list_name: str | None) -> Iterator[Row]:
    """One required select a level, each unlike all before it."""
    message = row.cells.get("kobo--rank-constraint-message")
    selects: list[Row] = []
    for level in inside:
        unlike = " and ".join(f"${{{level.name}}} != ${{{before.name}}}" for before in selects)
        cells = {**level.cells, "required": "true"}
        if unlike:
            cells["constraint"] = unlike
        texts = dict(level.texts)
        if message:
            texts["constraint_message"] = dict.fromkeys(row.text("label") or ("und",), message)
        selects.append(
            replace(level, type="select_one", list_name=list_name, cells=cells, texts=texts)
        )
    return _group(row, selects, name=row.name, relevant=True)


def _matrix(row: Row, columns: Sequence[Row], items: Iterable[Choice]) -> Iterator[Row]:
    """One group an item, one question a column: `<matrix>_<item>/<matrix>_<item>_<column>`.

    The server drops the matrix's own `relevant`; so do we.
    """
    for item in items:
        base = f"{row.name}_{item.name}"
        names = {f"${{{column.name}}}": f"${{{base}_{column.name}}}" for column in columns}
        cells = [
            replace(
                column,
                name=f"{base}_{column.name}",
                cells=_in_item(column.cells, names),
                texts={"label": _item_labels(item.labels, column.text("label"))},
            )
            for column in columns
        ]
        yield from _group(replace(row, texts={}), cells, name=base, relevant=False)


def _in_item(cells: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    kept: dict[str, str] = {}
    for column in ("relevant", "constraint", "required"):
        text = cells.get(column)
        if text is not None:
            for before, after in names.items():
                text = text.replace(before, after)
            kept[column] = text
    return kept


def _item_labels(item: Labels, column: Labels) -> Labels:
    languages = dict.fromkeys((*item, *column))
    return {
        language: " – ".join(
            text for text in (item.get(language), column.get(language)) if text is not None
        )
        for language in languages
    }
