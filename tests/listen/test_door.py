"""Secrets at the door."""

from meal_pipeline.listen.door import Door, shown_secret


class Clock:
    """A clock that is set by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_secret_made_later_opens_once_it_is_read_again() -> None:
    secrets: dict[str, str] = {}
    door = Door(lambda: dict(secrets))
    secrets["wash"] = "word"
    assert not door.opens("wash", "word")
    door.read_again()
    assert door.opens("wash", "word")


def test_a_withdrawn_secret_opens_no_longer() -> None:
    secrets, clock = {"wash": "word"}, Clock()
    door = Door(lambda: dict(secrets), clock=clock)
    door.read_again()
    secrets.clear()
    clock.now += 60
    door.read_again()
    assert not door.opens("wash", "word")


def test_strangers_cannot_make_it_read_all_the_time() -> None:
    readings, clock = [], Clock()

    def read() -> dict[str, str]:
        readings.append(clock.now)
        return {}

    door = Door(read, patience=5, clock=clock)
    for _second in range(20):
        for _call in range(100):
            door.read_again()
        clock.now += 1
    assert readings == [100, 105, 110, 115]


def test_no_secret_opens_where_there_is_none() -> None:
    door = Door(dict)
    door.read_again()
    assert not door.opens("wash", "")
    assert not door.opens("wash", None)


def test_an_empty_secret_in_the_settings_opens_to_nobody() -> None:
    assert shown_secret("wash", {"authorization": "Basic d2FzaDo="}) == ""  # wash:
    door = Door(lambda: {"wash": "word"})
    door.read_again()
    assert not door.opens("wash", "")
