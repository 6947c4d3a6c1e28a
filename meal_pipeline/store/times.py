"""Times as the store writes them.

Here: the one text form of an instant. Not here: dates in frames or on pages.
"""

from datetime import UTC, datetime


def utc_text(moment: datetime) -> str:
    """Give `moment` as UTC text to the second: `2026-11-25T06:00:00Z`.

    Raises ValueError for a time without a zone, which could mean any instant.
    """
    if moment.tzinfo is None:
        raise ValueError("a time for the store needs a zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def from_utc_text(text: str) -> datetime:
    """Give the instant that `utc_text` wrote."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def utc_text_of_seconds(seconds: int) -> str:
    """Give the UTC text of a Unix time, in whole seconds."""
    return utc_text(datetime.fromtimestamp(seconds, UTC))


def utc_now() -> datetime:
    """Give the present instant; the clock that the roof hands to the stages."""
    return datetime.now(UTC)
