"""Duplicates: one interview twice, one household twice, and interviews too alike.

Here: HFC01 to HFC04. Not here: the suite's check that a household stands once a round, which a
project without checks of fieldwork may use instead of HFC02.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from meal_pipeline.validate.accounts import BoolArray
from meal_pipeline.validate.derived_columns import question_of_type
from meal_pipeline.validate.fieldwork.answers import Codes
from meal_pipeline.validate.fieldwork.interviews import Found, Interviews
from meal_pipeline.validate.outcomes import Positions

_UNSHARED = ("phone", "national_id", "email")
_CHUNK = 50_000
_PRIME = np.uint64(0x9E3779B97F4A7C15)

Hashes = npt.NDArray[np.uint64]


def same_interview(interviews: Interviews) -> Iterator[Found]:
    """HFC01: one `_uuid`, or one start, end and set of answers, under two ids; all but the first.

    Rows that are not eligible are looked at, too: which of two counts should not hang on it.
    """
    keys = [interviews.frame.frame(["_uuid"])]
    times = [question_of_type(interviews.form.union, interviews.frame, k) for k in ("start", "end")]
    if all(times):
        key = interviews.frame.frame([str(one) for one in times])
        key["answers"] = _hashed(interviews.answers.codes, range(len(interviews.answers.codes)))
        keys.append(key)
    first = np.arange(len(interviews))
    for key in keys:
        numbers = key.groupby(list(key.columns), dropna=True, sort=False).ngroup().to_numpy()
        known = numbers >= 0
        firsts = pd.Series(np.flatnonzero(known)).groupby(numbers[known]).transform("min")
        first[known] = np.minimum(first[known], firsts.to_numpy())
    failed = np.flatnonzero(first < np.arange(len(interviews))).astype(np.intp)
    count = len(interviews)
    yield Found("", count, count, failed, interviews.ids(first[failed]))


def same_household(interviews: Interviews) -> Iterator[Found]:
    """HFC02: one subject twice in a round; of those, the one that otherwise counts is no fault."""
    subject = interviews.subject
    answers, rounds = interviews.frame.column(subject), interviews.rounds
    asked = (answers.notna() & rounds.notna()).to_numpy(np.bool_)
    order = interviews.order
    ranks = np.arange(len(interviews)) if order is None else order
    rows = interviews.rows(asked)
    by_rank = rows[np.argsort(ranks[rows], kind="stable")]
    key = pd.DataFrame({"subject": answers, "round": rounds}).take(by_rank)
    again = key.duplicated(keep="first").to_numpy(np.bool_)
    yield Found(subject, len(rows), len(rows), np.sort(by_rank[again]))


def same_numbers(interviews: Interviews) -> Iterator[Found]:
    """HFC03: one phone or national number of several households (or rows) in a round.

    Answers are compared as pseudonyms, which are equal where the numbers are.
    """
    form = interviews.form
    declared = interviews.settings.HFC03.questions
    names = declared or [
        question
        for question, one in form.form.personal_data.items()
        if one.treatment == "pseudonym" and one.kind in _UNSHARED
    ]
    by_household = form.form.subject is not None
    for question in names:
        column = interviews.name(question)
        frame = pd.DataFrame(
            {
                "answer": interviews.frame.column(column),
                "round": interviews.rounds,
                "who": interviews.frame.column(interviews.subject if by_household else "_id"),
            }
        )
        asked = frame["answer"].notna().to_numpy(np.bool_)
        mine = frame[asked & interviews.eligible]
        households = mine.groupby(["answer", "round"], dropna=False)["who"].transform("nunique")
        shared = np.zeros(len(interviews), dtype=np.bool_)
        shared[mine.index[households.to_numpy() > 1]] = True
        yield interviews.found(
            column, asked, shared, values=lambda rows: [None] * len(rows),
            question=interviews.label(column),
        )  # fmt: skip


def near_copies(interviews: Interviews) -> Iterator[Found]:
    """HFC04: interviews of one enumerator that differ in few answers; the later of each two."""
    limits, facts = interviews.settings.HFC04, interviews.answers
    hands = interviews.enumerators
    answered = (facts.codes > 0).sum(axis=0, dtype=np.int32)
    compared = (answered >= limits.answered) & interviews.eligible & (hands.codes >= 0)
    rows = np.flatnonzero(compared)
    first, second = near_pairs(
        facts.codes[:, rows], hands.codes[rows], limits.differing, limits.percent / 100
    )
    first, second = rows[first], rows[second]
    partner = pd.Series(first).groupby(second).min()
    failed = partner.index.to_numpy(np.intp)
    yield Found("", len(rows), len(rows), failed, interviews.ids(partner.to_numpy(np.intp)))


def near_pairs(
    codes: Codes, hands: Positions, differing: int, share: float
) -> tuple[Positions, Positions]:
    """Give each pair of columns of `codes` of one hand that differ in at most `differing` places.

    And in no more than `share` of the places in which either has an answer (code above 0). The
    first of each pair stands before the second.

    Pairs that can differ so little agree wholly in at least one of `differing + 1` parts of the
    questions (pigeonhole principle), so only those are compared.
    """
    used = codes[(codes > 0).any(axis=1)]
    most = min(differing, int(share * len(used)))
    parts = _parts(used, hands, 4 * (most + 1))
    found: list[tuple[Positions, Positions]] = []
    for number in range(most + 1):
        # Four fine parts make one in which the two must agree.
        key = parts[4 * number : 4 * number + 4].sum(axis=0, dtype=np.uint64)
        key = (key ^ (hands.astype(np.uint64) * _PRIME)) * _PRIME
        for one, other in _equal(key):
            alike = (hands[one] == hands[other]) & (
                (parts[:, one] != parts[:, other]).sum(axis=0) <= most
            )
            a, b = one[alike], other[alike]
            near = _near(used, a, b, most, share)
            found.append((a[near], b[near]))
    if not found:
        nothing = np.empty(0, dtype=np.intp)
        return nothing, nothing
    first, second = (np.concatenate(some) for some in zip(*found, strict=True))
    pairs = np.unique(first * codes.shape[1] + second)
    return pairs // codes.shape[1], pairs % codes.shape[1]


def _parts(codes: Codes, hands: Positions, parts: int) -> Hashes:
    """Hash the questions in parts, those with the most different answers dealt out first."""
    sample = codes[:, :: max(1, codes.shape[1] // 500)]
    varied = np.argsort([-len(np.unique(row)) for row in sample], kind="stable")
    return np.stack([_hashed(codes, varied[number::parts]) for number in range(parts)])


def _hashed(codes: Codes, questions: "npt.NDArray[np.intp] | range") -> Hashes:
    """Give one number for the codes of some questions, column by column."""
    total: Hashes = np.zeros(codes.shape[1], dtype=np.uint64)
    for question in questions:
        mixed = (codes[question].astype(np.uint64) + np.uint64(int(question) + 1)) * _PRIME
        mixed ^= mixed >> np.uint64(29)
        total += mixed * np.uint64(2 * int(question) + 1)
    return total


def _equal(key: Hashes) -> Iterator[tuple[Positions, Positions]]:
    """Give the pairs of places where `key` is equal, the earlier first, some at a time."""
    order = np.argsort(key, kind="stable")
    same = key[order]
    for gap in range(1, len(key)):
        starts = np.flatnonzero(same[gap:] == same[:-gap])
        if not len(starts):
            return
        for at in range(0, len(starts), _CHUNK):
            some = starts[at : at + _CHUNK]
            yield order[some], order[some + gap]


def _near(codes: Codes, one: Positions, other: Positions, most: int, share: float) -> BoolArray:
    near = np.zeros(len(one), dtype=np.bool_)
    for at in range(0, len(one), _CHUNK // 10):
        some = slice(at, at + _CHUNK // 10)
        a, b = codes[:, one[some]], codes[:, other[some]]
        differ = (a != b).sum(axis=0)
        near[some] = (differ <= most) & (differ <= share * ((a > 0) | (b > 0)).sum(axis=0))
    return near
