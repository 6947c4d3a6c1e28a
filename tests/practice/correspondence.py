"""Two servers' answers are equal when what each made up itself corresponds one to one."""

from collections.abc import Iterator
from typing import Any


class Correspondence:
    """Pairs of recorded and given values, made up by the servers: ids, uuids, moments."""

    def __init__(self) -> None:
        self.given: dict[Any, Any] = {}
        self.recorded: dict[Any, Any] = {}

    def pair(self, given: Any, recorded: Any) -> bool:
        """Tell whether the two may stand for each other, and hold them to it from now on."""
        known = self.given.setdefault(recorded, given)
        back = self.recorded.setdefault(given, recorded)
        return bool(known == given and back == recorded)

    def in_our_words(self, text: str) -> str:
        """Give a recorded text with every recorded value that is known replaced by ours."""
        for recorded, given in self.given.items():
            if isinstance(recorded, str) and len(recorded) > 8 and recorded != given:
                text = text.replace(recorded, str(given))
        return text


def unlike(
    given: Any,
    recorded: Any,
    pairs: Correspondence,
    made_up: frozenset[str],
    ignored: frozenset[str] = frozenset(),
    where: str = "",
) -> Iterator[str]:
    """Name each difference; values of keys in `made_up` need only correspond."""
    if isinstance(given, dict) and isinstance(recorded, dict):
        yield from (f"{where} lacks {key}" for key in recorded.keys() - given.keys())
        yield from (f"{where} has {key} besides" for key in given.keys() - recorded.keys())
        for key in recorded.keys() & given.keys():
            at = f"{where}/{key}"
            if key in ignored:
                continue
            if key in made_up and _is_texts(recorded[key]) and _is_texts(given[key]):
                pairs_of = zip(given[key], recorded[key], strict=False)
                if not all(_corresponds(one, other, pairs) for one, other in pairs_of):
                    yield f"{at}: {given[key]!r} for {recorded[key]!r}"
            elif key in made_up and not isinstance(recorded[key], dict | list):
                if not _corresponds(given[key], recorded[key], pairs):
                    yield f"{at}: {given[key]!r} for {recorded[key]!r}"
            else:
                yield from unlike(given[key], recorded[key], pairs, made_up, ignored, at)
    elif isinstance(given, list) and isinstance(recorded, list):
        if len(given) != len(recorded):
            yield f"{where} has {len(given)} entries, recorded {len(recorded)}"
        for place, (one, other) in enumerate(zip(given, recorded, strict=False)):
            yield from unlike(one, other, pairs, made_up, ignored, f"{where}[{place}]")
    elif given != recorded:
        yield f"{where}: {str(given)[:160]!r}, recorded {str(recorded)[:160]!r}"


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _corresponds(given: Any, recorded: Any, pairs: Correspondence) -> bool:
    if given is None or recorded is None:
        return given is recorded
    if isinstance(given, str) and isinstance(recorded, str):
        prefixed = given.startswith("uuid:"), recorded.startswith("uuid:")
        if prefixed[0] != prefixed[1]:
            return False
        given, recorded = given.removeprefix("uuid:"), recorded.removeprefix("uuid:")
    return type(given) is type(recorded) and pairs.pair(given, recorded)
