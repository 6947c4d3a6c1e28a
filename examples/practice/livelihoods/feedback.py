"""What people told the community desk, and whether they were answered. Made up.

Here: a seeded run of feedback. Not here: the form itself (`feedback.yaml`).
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from .households import PREFIXES

SEED = 20262
NUMBER = 140


def feedback_answers() -> Iterator[tuple[dict[str, Any], datetime]]:
    """Give the answers by question and the time of sending, oldest first."""
    random = Random(SEED)
    for place in range(NUMBER):
        moment = datetime(2026, 3, 10, 6, tzinfo=UTC) + timedelta(
            days=place * 245 / NUMBER, minutes=random.uniform(0, 400)
        )
        local = moment + timedelta(hours=3)
        answered = random.random() < 0.87
        answers: dict[str, Any] = {
            "start": f"{local:%Y-%m-%dT%H:%M:%S}.000+03:00",
            "end": f"{local + timedelta(minutes=random.uniform(2, 9)):%Y-%m-%dT%H:%M:%S}.000+03:00",
            "received_on": f"{local:%Y-%m-%d}",
            "channel": random.choices(("hotline", "box", "meeting", "field"), (5, 2, 2, 3))[0],
            "kind": random.choices(("thanks", "request", "suggestion", "complaint"), (2, 5, 2, 4))[
                0
            ],
            "person_sex": random.choice(("female", "male")),
            "answered": "yes" if answered else "no",
        }
        if random.random() < 0.4:
            answers["caller_phone"] = f"09{random.choice(PREFIXES)}{random.randrange(10**6):06d}"
        if answered:
            answers["days_to_answer"] = int(random.triangular(0, 30, 6))
        yield answers, moment + timedelta(hours=1)
