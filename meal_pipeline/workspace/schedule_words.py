"""Cron lines and time zones, as a project's schedule and the settings write them.

Here: refusing what no clock understands, before Dagster meets it. Not here: running anything.
"""

import re
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from meal_pipeline.locale import gettext as _

_FIELDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
"""Bounds of minute, hour, day of the month, month, day of the week (crontab(5))."""
_PART = re.compile(r"(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:/([1-9]\d?))?")


def refusal(message: str, fix: str, **place: str) -> PydanticCustomError:
    """Give the error of a rule of ours; `key` and `value` say where, if not at the value itself."""
    return PydanticCustomError("declared", "{own}", {"own": message, "fix": fix, **place})


def _cron(line: str) -> str:
    fields = line.split()
    if len(fields) != len(_FIELDS) or not all(
        _fits(part, *bounds)
        for field, bounds in zip(fields, _FIELDS, strict=True)
        for part in field.split(",")
    ):
        raise refusal(
            _("{line} is not a schedule.").format(line=line),
            _('Write minute, hour, day, month and weekday: "0 6 * * *" is every day at six.'),
        )
    return " ".join(fields)


def _fits(part: str, lowest: int, highest: int) -> bool:
    found = _PART.fullmatch(part)
    if found is None:
        return False
    numbers = [int(one) for one in found.groups()[:2] if one is not None]
    return numbers == sorted(numbers) and all(lowest <= one <= highest for one in numbers)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise refusal(
            _("There is no time zone {name}.").format(name=name),
            _("Write it as Asia/Damascus or UTC."),
        ) from None
    return name


Cron = Annotated[str, AfterValidator(_cron)]
"""Five fields of numbers, such as `0 6 * * *` or `30 5 * * 0-4`."""
Timezone = Annotated[str, AfterValidator(_zone)]
"""A name of the IANA time zone database."""
