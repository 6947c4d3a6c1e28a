"""What was measured, as tables in Markdown.

Here: words and columns. Not here: measuring.
"""

from collections.abc import Iterable, Sequence

from benchmarks.line import Findings


def report(found: Findings) -> str:
    """Give all tables as one text."""
    machine = found.machine
    heading = (
        f"{found.rows} submissions, then {found.new_rows} more; {machine['cores']} cores,"
        f" {machine['system']}, Python {machine['python']}, {machine['at']}"
    )
    parts = [heading]
    for state, measured in found.stages.items():
        rows: list[tuple[str, ...]] = [
            (stage, f"{one.seconds:.2f}", f"{one.cpu_seconds:.2f}", f"{one.peak_bytes / 1e6:.0f}")
            for stage, one in measured.items()
        ]
        parts.append(_table((f"stage, {state}", "seconds", "CPU seconds", "peak MB"), rows))
    if found.runs:
        parts.append(_runs(found))
    if found.peers:
        rows = [
            (name, one["peer"], f"{one['ours']:.3f}", f"{one['theirs']:.3f}", _ratio(one))
            for name, one in found.peers.items()
        ]
        parts.append(_table(("what", "peer", "ours, s", "peer, s", "ours / peer"), rows))
    aims = [
        (
            one.name,
            f"{one.aim:g}",
            f"{one.found:.3g}",
            f"{one.computing:.3g}",
            "yes" if one.met else "no",
        )
        for one in found.aims()
    ]
    if aims:
        parts.append(_table(("aim", "at most", "found", "by CPU", "met"), aims))
    return "\n\n".join(parts)


def _runs(found: Findings) -> str:
    """Give each part's seconds, with its CPU seconds in brackets."""
    results = [one.result for one in found.runs.values()]
    parts = list(dict.fromkeys(part for result in results for part in result["seconds"]))
    rows: list[tuple[str, ...]] = [
        (
            part,
            *(
                f"{one['seconds'].get(part, 0):.2f} ({one['cpu_seconds'].get(part, 0):.2f})"
                for one in results
            ),
        )
        for part in parts
    ]
    rows += [
        (
            "all",
            *(
                f"{sum(one['seconds'].values()):.2f} ({sum(one['cpu_seconds'].values()):.2f})"
                for one in results
            ),
        ),
        ("peak MB", *(f"{one.peak_bytes / 1e6:.0f}" for one in found.runs.values())),
    ]
    return _table(("whole run, seconds (CPU)", *found.runs), rows)


def _ratio(one: dict[str, float]) -> str:
    return f"{one['ours'] / one['theirs']:.2f}"


def _table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heading, ["---", *("---:" for _ in heading[1:])], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
