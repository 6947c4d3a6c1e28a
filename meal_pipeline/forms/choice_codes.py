"""The codes of a choice, taken apart and brought under their new names.

Here: one answer into its codes, also where codes hold blanks. Not here: the columns that are made
of them (`read`), and whether a code is in the form's list (validate).

A choice of several is sent as codes with one blank between. A code that holds a blank itself (an
XLSForm may not have one, many have) makes that ambiguous: the answer is taken apart so that all of
it is codes of the list, or as much as can be. Where that is possible in two ways, nothing is read.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property


class AmbiguousCodes(ValueError):
    """An answer that can be taken apart into codes in two ways."""


class ChoiceCodes:
    """Takes answers apart; `known` are the codes of the list, `new_codes` the renamed ones."""

    def __init__(self, known: Iterable[str], new_codes: Mapping[str, str] | None = None) -> None:
        self.new_codes = new_codes or {}
        self.known = frozenset(known) | self.new_codes.keys()

    def split(self, text: str) -> list[str]:
        """Give the codes of an answer under their new names, each once, in the order given.

        Raises `AmbiguousCodes` where there are two ways to take it apart.
        """
        words = text.split()
        codes = self._best(words) if self._with_blanks else words
        return list(dict.fromkeys(self.new_codes.get(code, code) for code in codes))

    @cached_property
    def _with_blanks(self) -> dict[tuple[str, ...], str]:
        """The codes of several words, by their words."""
        apart = {tuple(code.split()): code for code in self.known}
        return {words: code for words, code in apart.items() if len(words) > 1}

    def _best(self, words: Sequence[str]) -> list[str]:
        """Give the one way with the fewest words that are no code; a code counts once an answer."""
        ends: list[list[tuple[int, tuple[str, ...]]]] = [[] for _ in range(len(words) + 1)]
        ends[0] = [(0, ())]
        longest = max(map(len, self._with_blanks))
        for at in range(len(words)):
            for unknown, codes in ends[at]:
                word = words[at]
                cost = unknown + (word not in self.known)
                _keep(ends[at + 1], cost, (*codes, word))
                for size in range(2, min(longest, len(words) - at) + 1):
                    code = self._with_blanks.get(tuple(words[at : at + size]))
                    if code is not None and code not in codes:
                        _keep(ends[at + size], unknown, (*codes, code))
        ways = {codes for _cost, codes in ends[-1]}
        if len(ways) > 1:
            raise AmbiguousCodes
        return list(ways.pop())


def _keep(ways: list[tuple[int, tuple[str, ...]]], cost: int, codes: tuple[str, ...]) -> None:
    """Add a way to get here, if none is better; two of the same cost are enough to know that."""
    if ways and cost < ways[0][0]:
        ways.clear()
    if not ways or (cost == ways[0][0] and len(ways) < 2 and (cost, codes) not in ways):
        ways.append((cost, codes))
