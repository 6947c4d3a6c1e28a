"""Joining the versions of a form: which questions are one column, which repeats one child frame.

Here: the rules, and the project's declarations on top. Not here: what the joined form is (`union`),
what differs in it (`changes`), and proposals for declarations (`renames`).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from meal_pipeline.forms.changes import changes_of
from meal_pipeline.forms.declared import Declarations, Declared, Links, Place, named
from meal_pipeline.forms.errors import FormError
from meal_pipeline.forms.model import FormVersion, Question, Repeat
from meal_pipeline.forms.question_types import united_type, value_kind
from meal_pipeline.forms.union import Column, FormUnion, UnitedRepeat, Unused
from meal_pipeline.locale import gettext as _


def unite(versions: Sequence[FormVersion], declared: Declared | None = None) -> FormUnion:
    """Join the versions of one form, given oldest first.

    By rule, questions are one column where they have the same path, or the same name in the same
    (united) repeat if every version has that name once and their types go together: so a question
    that was moved to another group stays one column. `declared` joins what the rule does not, and
    keeps apart what it should not. Types of different kinds in one column are united by
    `question_types.united_type`. Rows that hold no answer (plain notes) give no column. What was
    joined although it differs is listed in `FormUnion.changes`.

    Raises `FormError` where there is no version.
    """
    if not versions:
        raise FormError(
            _("The form was never deployed."),
            next_step=_("Deploy it in KoboToolbox, then pull again."),
        )
    declared = declared or Declarations()
    newest_first = list(reversed(versions))
    repeats, repeat_links, unused_repeats = _unite_repeats(newest_first, declared)
    placed = _placed(newest_first, repeats)
    questions = [(one.version_uid, one.question) for one in placed]
    links = Links("same_questions", declared.same_questions, questions)
    apart = {one: named(one, questions) for one in declared.different_questions}
    groups = _same_questions(placed, links, {place for some in apart.values() for place in some})
    columns = _columns(groups)
    group_of = {one.place: number for number, group in enumerate(groups) for one in group}
    unused = [
        *links.unused(group_of),
        *unused_repeats,
        *(Unused("different_questions", one, "") for one, found in apart.items() if not found),
    ]
    changes = changes_of(versions, columns, repeats, links.declared, repeat_links.declared)
    return FormUnion(tuple(versions), columns, tuple(repeats), changes, tuple(unused))


@dataclass(frozen=True)
class _Placed:
    """A question, the version it is of, and the united repeat whose frame it goes to."""

    order: int
    version_uid: str
    question: Question
    repeat: str | None

    @property
    def place(self) -> Place:
        return self.version_uid, self.question.path


def _placed(newest_first: Iterable[FormVersion], repeats: Iterable[UnitedRepeat]) -> list[_Placed]:
    frame = {(uid, path): one.name for one in repeats for uid, path in one.paths.items()}
    answered = (
        (form.version_uid, question)
        for form in newest_first
        for question in form.questions
        if question.has_answer
    )
    return [
        _Placed(order, uid, question, frame.get((uid, question.repeat or "")))
        for order, (uid, question) in enumerate(answered)
    ]


def _same_questions(
    placed: Sequence[_Placed], links: Links, apart: set[Place]
) -> list[list[_Placed]]:
    """Give the questions that are one column together, each group newest first."""
    at = {one.place: one for one in placed}
    root = {one.place: at[links.root(one.place)] for one in placed}
    alike: dict[tuple[str | None, str], list[_Placed]] = {}
    for one in placed:
        alike.setdefault((one.repeat, root[one.place].question.name), []).append(one)
    groups: list[list[_Placed]] = []
    for same in alike.values():
        once = len({one.version_uid for one in same}) == len(same)
        found: list[tuple[set[str], list[_Placed]]] = []
        for one in same:
            path = root[one.place].question.path
            stays = not once or one.place in apart
            fitting = (
                (paths, group)
                for paths, group in found
                if path in paths
                or not (stays or any(other.place in apart for other in group) or _clash(one, group))
            )
            paths, group = next(fitting, (set(), []))
            if not group:
                found.append((paths, group))
            paths.add(path)
            group.append(one)
        groups += [group for _paths, group in found]
    return sorted(groups, key=lambda group: group[0].order)


def _clash(one: _Placed, group: Sequence[_Placed]) -> bool:
    """Tell whether the types do not go together."""
    types = [one.question.type, *(other.question.type for other in group)]
    return len({value_kind(type_) for type_ in types}) > 1 and united_type(types) == "text"


def _columns(groups: Sequence[Sequence[_Placed]]) -> tuple[Column, ...]:
    count = Counter((group[0].repeat, group[0].question.name) for group in groups)
    columns = []
    for group in groups:
        first = group[0]
        alone = count[first.repeat, first.question.name] == 1
        name = first.question.name if alone else first.question.path
        type_ = united_type([one.question.type for one in group])
        questions = {one.version_uid: one.question for one in group}
        columns.append(Column(name, type_, first.repeat, questions))
    return tuple(columns)


def _unite_repeats(
    newest_first: Sequence[FormVersion], declared: Declared
) -> tuple[list[UnitedRepeat], Links, list[Unused]]:
    """Join the repeats of all versions, each after its parent, named so that none clash."""
    all_repeats = [(form.version_uid, one) for form in newest_first for one in form.repeats]
    links = Links("same_repeats", declared.same_repeats, all_repeats)
    at = {(uid, one.path): one for uid, one in all_repeats}
    found = list(_repeats_under(None, newest_first, {key: at[links.root(key)] for key in at}))
    names = Counter(one.newest.name for one in found)
    final = {
        one.name: one.newest.name if names[one.newest.name] == 1 else one.name for one in found
    }
    united = [
        UnitedRepeat(final[one.name], final[one.parent] if one.parent else None, one.repeats)
        for one in found
    ]
    group_of = {
        (uid, path): number for number, one in enumerate(united) for uid, path in one.paths.items()
    }
    return united, links, links.unused(group_of)


def _repeats_under(
    parent: UnitedRepeat | None,
    newest_first: Sequence[FormVersion],
    root: dict[Place, Repeat],
) -> Iterator[UnitedRepeat]:
    """Join the repeats directly inside `parent`; they are named by their newest path for now.

    `root` is what each repeat stands for.
    """
    children = [
        (form.version_uid, repeat)
        for form in newest_first
        for repeat in form.repeats
        if repeat.parent == (parent.paths.get(form.version_uid) if parent else None)
        and (parent is None or form.version_uid in parent.paths)
    ]
    versions_with = Counter((uid, root[uid, repeat.path].name) for uid, repeat in children)
    twice = {name for (_uid, name), count in versions_with.items() if count > 1}
    same: dict[str, dict[str, Repeat]] = {}
    for uid, repeat in children:
        meant = root[uid, repeat.path]
        key = meant.path if meant.name in twice else meant.name
        same.setdefault(key, {})[uid] = repeat
    for repeats in same.values():
        newest = next(iter(repeats.values()))
        united = UnitedRepeat(newest.path, parent.name if parent else None, repeats)
        yield united
        yield from _repeats_under(united, newest_first, root)
