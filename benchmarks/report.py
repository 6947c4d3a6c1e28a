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
        (one.name, f"{one.aim:g}", f"{one.found:.3g}", "yes" if one.met else "no")
        for one in found.aims()
    ]
    if aims:
        parts.append(_table(("aim", "at most", "found", "met"), aims))
    return "\n\n".join(parts)


def _runs(found: Findings) -> str:
    names = list(found.runs)
    results = [one.result for one in found.runs.values()]
    rooms = list(dict.fromkeys(room for result in results for room in result["rooms"]))
    rows: list[tuple[str, ...]] = [
        ("loading libraries", *(f"{one['libraries']:.2f}" for one in results)),
        *((room, *(f"{one['rooms'].get(room, 0):.2f}" for one in results)) for room in rooms),
        ("Dagster", *(f"{one['dagster']:.2f}" for one in results)),
        ("all", *(f"{one['libraries'] + one['total']:.2f}" for one in results)),
        ("CPU seconds", *(f"{one.cpu_seconds:.2f}" for one in found.runs.values())),
        ("peak MB", *(f"{one.peak_bytes / 1e6:.0f}" for one in found.runs.values())),
    ]
    return _table(("whole run, seconds", *names), rows)


def _ratio(one: dict[str, float]) -> str:
    return f"{one['ours'] / one['theirs']:.2f}"


def _table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heading, ["---", *("---:" for _ in heading[1:])], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
