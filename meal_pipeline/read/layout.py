"""Where the answers of each version of a form stand in a submission.

Here: key → column or repeat, by frame (None is the main frame) and version. Not here: taking
answers out of bodies (`answers.py`).
"""

from meal_pipeline.forms import Column, FormUnion, UnitedRepeat


class Layout:
    """The keys of every version of a form."""

    def __init__(self, union: FormUnion) -> None:
        self.union = union
        self.versions = [version.version_uid for version in union.versions]
        self._columns: dict[str | None, dict[str, Column]] = {}
        self._repeats: dict[str | None, dict[str, UnitedRepeat]] = {}
        self._inside: dict[tuple[str | None, str], set[str]] = {}
        # A key that several columns have had means the one that had it last.
        for version in reversed(self.versions):
            for column in union.columns:
                if version in column.questions:
                    at = self._columns.setdefault(column.repeat, {})
                    at.setdefault(column.questions[version].path, column)
            for repeat in union.repeats:
                if version in repeat.repeats:
                    repeats = self._repeats.setdefault(repeat.parent, {})
                    repeats.setdefault(repeat.repeats[version].path, repeat)
        for form in union.versions:
            frames = {one.paths.get(form.version_uid): one.name for one in union.repeats}
            for path, question in form.by_path.items():
                around = question.repeat
                while around is not None:
                    around = form.repeat(around).parent
                    frame = frames.get(around) if around else None
                    self._inside.setdefault((frame, form.version_uid), set()).add(path)
        paths = {path for version in union.versions for path in version.by_path}
        self._groups = {
            path[:at] for path in paths for at, letter in enumerate(path) if letter == "/"
        }
        counts = {one.count_path for version in union.versions for one in version.repeats}
        self._without_answer = (paths | counts).difference(*self._columns.values())
        self._own_keys = {
            (version, frame): frozenset(
                path
                for places in (self.columns(frame, version), self.repeats(frame, version))
                for _name, path in places
            )
            for version in self.versions
            for frame in [None, *(repeat.name for repeat in union.repeats)]
        }

    def columns(self, frame: str | None, version: str) -> list[tuple[str, str]]:
        """Give the (name, key) of each column of a frame that the version has."""
        columns = self.union.columns_of(frame)
        return [(one.name, one.paths[version]) for one in columns if version in one.questions]

    def repeats(self, frame: str | None, version: str) -> list[tuple[str, str]]:
        """Give the (name, key) of each repeat within a frame that the version has."""
        repeats = self.children(frame)
        return [(one.name, one.paths[version]) for one in repeats if version in one.repeats]

    def children(self, frame: str | None) -> list[UnitedRepeat]:
        """Give the repeats within a frame, of any version."""
        return [repeat for repeat in self.union.repeats if repeat.parent == frame]

    def own_keys(self, frame: str | None, version: str) -> frozenset[str]:
        """Give the keys that a row of this frame and version has."""
        return self._own_keys[version, frame]

    def column_at(self, frame: str | None, key: str) -> Column | None:
        """Give the column whose answer any version has under this key."""
        return self._columns.get(frame, {}).get(key)

    def keys_of(self, frame: str | None, name: str) -> list[str]:
        """Give the keys that a column has had, those of the newest version first."""
        column = next(one for one in self.union.columns_of(frame) if one.name == name)
        return list(dict.fromkeys(column.paths.values()))

    def repeat_at(self, frame: str | None, key: str) -> UnitedRepeat | None:
        """Give the repeat whose rows any version has under this key."""
        return self._repeats.get(frame, {}).get(key)

    def repeat_around(self, frame: str | None, key: str) -> UnitedRepeat | None:
        """Give the repeat of this frame inside which any version has the key, at any depth."""
        for repeat in self.children(frame):
            inside = repeat.name
            if self.column_at(inside, key) or self.repeat_at(inside, key):
                return repeat
            if self.repeat_around(inside, key):
                return repeat
        return None

    def is_inside(self, frame: str | None, key: str, version: str) -> bool:
        """Tell whether this version has the key in a repeat within the frame, at any depth."""
        return key in self._inside.get((frame, version), ())

    def is_group(self, key: str) -> bool:
        """Tell whether the key is a group's, under which nothing stands."""
        return key in self._groups

    def has_no_answer(self, key: str) -> bool:
        """Tell whether the key is a form's row without answers, such as a note or a count."""
        return key in self._without_answer
