"""Times: how long interviews took, when they were held and sent, and with which form.

Here: HFC05 to HFC10. Not here: an end before the start, which is a clock's fault and no duration
(`expectations/fieldwork_basics.yaml`). An edit after approval (HFC35) is told when rows are read.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from meal_pipeline.validate.fieldwork.interviews import Found, Interviews, NotRun, Numbers
from meal_pipeline.validate.outcomes import Positions

_DURATION = "_duration_minutes"


def too_short(interviews: Interviews) -> Iterator[Found]:
    """HFC05: shorter than a share of the median duration, or than the form's minimum."""
    limits = interviews.settings.HFC05
    lasted, median = _durations(interviews)
    shortest = max(limits.share_of_median * median, limits.minutes)
    known = ~np.isnan(lasted)
    yield interviews.found(
        _DURATION,
        known,
        known & (lasted < shortest),
        values=lambda rows: _minutes(lasted[rows]),
        limit=f"{shortest:.0f}",
        median=f"{median:.0f}",
    )


def too_long(interviews: Interviews) -> Iterator[Found]:
    """HFC06: longer than some times the median, or ending on another day than it began."""
    limits = interviews.settings.HFC06
    lasted, median = _durations(interviews)
    start, end = (interviews.local(interviews.time(kind)) for kind in ("start", "end"))
    known = ~np.isnan(lasted)
    other_day = (start.dt.normalize() != end.dt.normalize()).to_numpy(np.bool_)
    longest = limits.times_median * median
    yield interviews.found(
        _DURATION,
        known,
        known & ((lasted > longest) | other_day),
        values=lambda rows: _minutes(lasted[rows]),
        limit=f"{longest:.0f}",
        median=f"{median:.0f}",
    )


def outside_survey(interviews: Interviews) -> Iterator[Found]:
    """HFC07: begun before the first day of its round, or after the server received it."""
    limits = interviews.settings.HFC07
    name = interviews.time("start")
    start, local = interviews.frame.column(name), interviews.local(name)
    late = start - pd.Timedelta(minutes=limits.tolerance_minutes)
    wrong = (late > interviews.frame.column("_submission_time")).to_numpy(np.bool_)
    for code, day in limits.first_days.items():
        of_round = (interviews.rounds == code).fillna(False).to_numpy(np.bool_)
        wrong = wrong | of_round & (local < pd.Timestamp(day)).to_numpy(np.bool_)
    known = start.notna().to_numpy(np.bool_)
    yield interviews.found(name, known, wrong, values=lambda rows: _moments(local, rows))


def off_hours(interviews: Interviews) -> Iterator[Found]:
    """HFC08: begun outside working hours, by the interview's own clock and zone."""
    limits = interviews.settings.HFC08
    name = interviews.time("start")
    local = interviews.local(name)
    known = local.notna().to_numpy(np.bool_)
    minute = (local.dt.hour * 60 + local.dt.minute).to_numpy(np.float64, na_value=np.nan)
    earliest, latest = _minute_of_day(limits.earliest), _minute_of_day(limits.latest)
    outside = (minute < earliest) | (minute > latest)
    if earliest > latest:  # work goes over midnight
        outside = (minute < earliest) & (minute > latest)
    yield interviews.found(
        name,
        known,
        outside,
        values=lambda rows: _moments(local, rows),
        earliest=limits.earliest,
        latest=limits.latest,
    )


def late_upload(interviews: Interviews) -> Iterator[Found]:
    """HFC09: received days after its end."""
    limit = interviews.settings.HFC09.days
    days = interviews.derived("_submission_delay_minutes", "end") / (24 * 60)
    known = ~np.isnan(days)
    yield interviews.found(
        "_submission_delay_minutes",
        known,
        known & (days > limit),
        values=lambda rows: [f"{one:.1f}" for one in days[rows]],
        days=f"{limit:g}",
    )


def old_version(interviews: Interviews) -> Iterator[Found]:
    """HFC10: filled with an old version, days after the newest was first used.

    The day of an interview is that of its start where the form records it, else of its arrival.
    """
    limit = interviews.settings.HFC10.days
    versions = interviews.frame.column("_version")
    known = versions.notna().to_numpy(np.bool_)
    newest = (versions == interviews.form.union.newest.version_uid).fillna(False).to_numpy(np.bool_)
    try:
        name = interviews.time("start")
    except NotRun:
        name = "_submission_time"
    when = interviews.frame.column(name)
    cut_over = when[newest & interviews.eligible].min() + pd.Timedelta(days=limit)
    late = np.zeros(len(interviews), dtype=np.bool_)
    if cut_over is not pd.NaT:
        late = (when > cut_over).fillna(False).to_numpy(np.bool_)
    yield interviews.found("", known, ~newest & late, days=f"{limit:g}")


def _durations(interviews: Interviews) -> tuple[Numbers, float]:
    """Give each duration in minutes, and the median of eligible rows; NaN without any."""
    lasted = interviews.derived(_DURATION, "start_and_end")
    there = lasted[interviews.eligible & ~np.isnan(lasted)]
    return lasted, float(np.median(there)) if len(there) else float("nan")


def _minutes(lasted: Numbers) -> Sequence[str]:
    return [f"{one:.0f}" for one in lasted]


def _moments(local: "pd.Series[pd.Timestamp]", rows: Positions) -> Sequence[str]:
    return local.take(rows).dt.strftime("%Y-%m-%d %H:%M").to_list()


def _minute_of_day(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)
