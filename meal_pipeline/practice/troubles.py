"""The kinds of trouble that have a name: for `meal practice --trouble` and its HTTP control route.

Here: a name and a number made into a `Fault`, or into a number for the server. Not here: how an
answer is spoilt (`faults`).
"""

from collections.abc import Callable
from dataclasses import replace

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.practice.faults import Fault

CLOCK_SKEW = "clock-skew"
LATE_ROWS = "late-rows"

_PAGE = b"""<html>
<head><title>502 Bad Gateway</title></head>
<body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center></body>
</html>
"""
_HTML = {"content-type": "text/html"}


def _error(status: int) -> Callable[[str, float], Fault]:
    return lambda path, value: Fault(path, status=status, body=_PAGE, headers=_HTML)


_FAULTS: dict[str, tuple[float, Callable[[str, float], Fault]]] = {
    "latency": (0.5, lambda path, value: Fault(path, delay=value)),
    "429": (
        30,
        lambda path, value: Fault(
            path,
            status=429,
            body=b'{"detail":"Request was throttled."}',
            headers={"retry-after": f"{value:.0f}"},
        ),
    ),
    "500": (0, lambda path, value: Fault(path, status=500, body=b'{"error":"Server Error (500)"}')),
    "502": (0, _error(502)),
    "503": (0, _error(503)),
    "504": (0, _error(504)),
    "html": (200, lambda path, value: Fault(path, status=int(value), body=_PAGE, headers=_HTML)),
    "truncated": (0.5, lambda path, value: Fault(path, truncate=value)),
    "dropped": (0, lambda path, value: Fault(path, drop=True)),
    "repeated": (0, lambda path, value: Fault(path, repeat=True)),
    "revoked-token": (
        0,
        lambda path, value: Fault(path, status=401, body=b'{"detail":"Invalid token."}'),
    ),
}

KINDS = (*_FAULTS, CLOCK_SKEW, LATE_ROWS)
"""The names: what each means is in docs/practice.md."""


def named_trouble(
    kind: str,
    value: float | None = None,
    *,
    path: str = "/api/v2/",
    times: int | None = None,
    skip: int = 0,
) -> Fault | float:
    """Give the fault of a name, or the number for `clock-skew` (seconds) and `late-rows` (rows).

    `times` None is until cleared. Raises `MealError` for a name that is not in `KINDS`.
    """
    if kind == CLOCK_SKEW:
        return 7200 if value is None else value
    if kind == LATE_ROWS:
        return 3 if value is None else value
    if kind not in _FAULTS:
        raise MealError(
            _("There is no trouble named {name}.").format(name=kind),
            next_step=_("Choose one of: {names}.").format(names=", ".join(KINDS)),
        )
    usual, made = _FAULTS[kind]
    return replace(made(path, usual if value is None else value), times=times, skip=skip)
