"""What differs between versions in a column or child frame that joins them.

Here: moved, renamed, retyped and returned questions and repeats. Not here: what is joined
(`uniting`), and what may belong together but is not (`renames`).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from meal_pipeline.forms.declared import Place
from meal_pipeline.forms.model import FormVersion
from meal_pipeline.forms.union import Change, ChangeKind, Column, UnitedRepeat


def changes_of(
    versions: Sequence[FormVersion],
    columns: Sequence[Column],
    repeats: Sequence[UnitedRepeat],
    declared_questions: Collection[Place],
    declared_repeats: Collection[Place],
) -> tuple[Change, ...]:
    """Give what differs, columns first; `versions` are oldest first.

    A change is declared where every question that differs from the newest is named as an old one.
    """
    order = [form.version_uid for form in versions]
    return (
        *(
            Change(
                kind,
                one.name,
                one.repeat,
                of_repeat=False,
                was=was,
                declared=_declared(one.paths, differing, declared_questions),
            )
            for one in columns
            for kind, was, differing in _of_column(one, order)
        ),
        *(
            Change(
                kind,
                one.name,
                one.parent,
                of_repeat=True,
                was=one.paths,
                declared=_declared(one.paths, differing, declared_repeats),
            )
            for one in repeats
            for kind, differing in _of_repeat(one, repeats, order)
        ),
    )


_Found = tuple[ChangeKind, Mapping[str, str], list[str]]


def _of_column(column: Column, order: Sequence[str]) -> Iterator[_Found]:
    """Give each change with what was, and the versions that differ from the newest."""
    newest, paths = column.newest, column.paths
    renamed = [uid for uid, one in column.questions.items() if one.name != newest.name]
    moved = [uid for uid, one in column.questions.items() if one.place != newest.place]
    if renamed:
        yield "renamed", paths, sorted({*renamed, *moved})
    elif moved:
        yield "moved", paths, moved
    retyped = [uid for uid, one in column.questions.items() if one.kind != newest.kind]
    if retyped:
        types = {uid: question.type for uid, question in column.questions.items()}
        yield "retyped", types, retyped
    before = _before_gap(paths, order)
    if before:
        yield "returned", paths, before


def _of_repeat(
    repeat: UnitedRepeat, repeats: Sequence[UnitedRepeat], order: Sequence[str]
) -> Iterator[tuple[ChangeKind, list[str]]]:
    newest = repeat.newest
    around = next((one for one in repeats if one.name == repeat.parent), None)
    places = {
        uid: path.removeprefix(f"{around.paths[uid]}/") if around else path
        for uid, path in repeat.paths.items()
    }
    place = next(iter(places.values()))
    moved = [uid for uid, one in places.items() if one != place]
    if any(one.name != newest.name for one in repeat.repeats.values()):
        yield "renamed", moved
    elif moved:
        yield "moved", moved
    before = _before_gap(repeat.paths, order)
    if before:
        yield "returned", before


def _before_gap(paths: Mapping[str, str], order: Sequence[str]) -> list[str]:
    """Give the versions that have it, before ones that have not and later ones that have again."""
    with_it = [at for at, uid in enumerate(order) if uid in paths]
    gaps = [at for at in range(with_it[0], with_it[-1]) if order[at] not in paths]
    return [order[at] for at in with_it if gaps and at < gaps[-1]]


def _declared(paths: Mapping[str, str], differing: list[str], declared: Collection[Place]) -> bool:
    return all((uid, paths[uid]) in declared for uid in differing)
