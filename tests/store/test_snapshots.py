"""Snapshots: frames that never change."""

import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meal_pipeline.store import PartRef, SnapshotDamaged, SnapshotUnknown, Store
from meal_pipeline.store.logical_hash import (
    UnfitFrame,
    arrow_table,
    columns_of,
    logical_hash,
)


def now() -> datetime:
    return datetime(2026, 11, 25, 6, tzinfo=UTC)


def households() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "_id": np.array([1, 2, 3], dtype="int64"),
            "age": pd.array([30, None, 41], dtype="Int64"),
            "income": pd.array([1.5, None, -0.0], dtype="Float64"),
            "water/piped": pd.array([True, None, False], dtype="boolean"),
            "اسم.السؤال": pd.array(["نعم", None, ""], dtype="str"),
            "_edited": [True, False, False],
            "day": pd.to_datetime(["2026-01-01", None, "2026-03-01"]).astype("datetime64[us]"),
            "start": pd.to_datetime(["2026-01-01T06:00:00Z", None, None], utc=True).astype(
                "datetime64[us, UTC]"
            ),
        }
    )


def hashed(frame: pd.DataFrame) -> str:
    return logical_hash(columns_of(frame), arrow_table(frame))


def test_a_frame_comes_back_with_its_types_and_gaps(store: Store) -> None:
    part = store.snapshots.write_part(households())
    snapshot = store.snapshots.save("a", "read", {"household": [part]}, {}, now)
    pd.testing.assert_frame_equal(snapshot.frame("household"), households())


def test_parts_come_back_in_order_as_one_frame(store: Store) -> None:
    frame = households()
    parts = [store.snapshots.write_part(frame[i : i + 1]) for i in range(3)]
    snapshot = store.snapshots.save("a", "read", {"household": parts}, {}, now)
    pd.testing.assert_frame_equal(snapshot.frame("household"), frame)
    assert (snapshot.rows("household"), snapshot.columns("household")) == (3, list(frame.columns))


def test_columns_are_given_in_the_order_asked(store: Store) -> None:
    part = store.snapshots.write_part(households())
    snapshot = store.snapshots.save("a", "read", {"household": [part]}, {}, now)
    assert list(snapshot.frame("household", ["income", "_id"]).columns) == ["income", "_id"]
    with pytest.raises(KeyError, match="colour"):
        snapshot.frame("household", ["colour"])


def test_a_frame_without_rows_keeps_its_columns(store: Store) -> None:
    part = store.snapshots.write_part(households()[:0])
    snapshot = store.snapshots.save("a", "read", {"household": [part]}, {}, now)
    pd.testing.assert_frame_equal(snapshot.frame("household"), households()[:0])


def test_the_hash_is_of_what_the_frame_says() -> None:
    frame = pd.DataFrame(
        {"a": pd.array([1, None], dtype="Int64"), "b": pd.array(["x", None], dtype="str")}
    )
    by_hand = hashlib.sha256(b"meal frame 1\n2\n")
    by_hand.update(b"1 Int64\na" + b"N\x80" + (1).to_bytes(8, "little") + bytes(8))
    by_hand.update(b"1 str\nb" + b"N\x80" + (1).to_bytes(8, "little") + bytes(8) + b"x")
    assert hashed(frame) == by_hand.hexdigest()


def test_a_slice_and_a_copy_have_the_same_hash() -> None:
    frame = pd.concat([households()] * 5, ignore_index=True)
    assert hashed(frame[3:9]) == hashed(frame[3:9].copy().reset_index(drop=True))


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.rename(columns={"age": "aged"}),
        lambda f: f.astype({"age": "Float64"}),
        lambda f: f[::-1],
        lambda f: f[["age", *f.columns.drop("age")]],
        lambda f: f.assign(income=pd.array([1.5, 0.0, -0.0], dtype="Float64")),
        lambda f: f.assign(**{"اسم.السؤال": pd.array(["نعم", "", None], dtype="str")}),
        lambda f: f.assign(**{"اسم.السؤال": pd.array(["نع", "م", ""], dtype="str")}),
    ],
)
def test_any_change_of_content_changes_the_hash(change) -> None:  # type: ignore[no-untyped-def]
    assert hashed(change(households())) != hashed(households())


@given(st.lists(st.one_of(st.none(), st.text(max_size=4)), max_size=6))
def test_texts_that_run_together_alike_are_told_apart(texts: list[str | None]) -> None:
    frame = pd.DataFrame({"a": pd.array(texts, dtype="str")})
    other = pd.DataFrame({"a": pd.array([*texts, ""], dtype="str")})
    assert hashed(frame) != hashed(other)


def test_the_same_content_is_stored_once(store: Store) -> None:
    parts = {store.snapshots.write_part(households()) for _ in range(2)}
    assert len(parts) == 1
    assert len(list(store.snapshots.folder.rglob("*.*"))) == 1


def test_the_same_frames_and_parents_give_the_same_snapshot(store: Store) -> None:
    frames = {"household": [store.snapshots.write_part(households())]}
    first = store.snapshots.save("a", "read", frames, {"rows": 3}, now)
    assert store.snapshots.save("a", "read", frames, {"rows": 3}, now) == first
    other = store.snapshots.save("a", "read", frames, {"rows": 4}, now)
    assert other.snapshot_id != first.snapshot_id
    latest = store.snapshots.latest("a", "read")
    assert latest is not None
    assert latest.snapshot_id == other.snapshot_id
    assert latest.parents == {"rows": 4}


def test_going_back_to_earlier_content_makes_it_the_one_that_holds(store: Store) -> None:
    frames = {"household": [store.snapshots.write_part(households())]}
    first = store.snapshots.save("a", "read", frames, {"rows": 3}, now)
    store.snapshots.save("a", "read", frames, {"rows": 4}, now)
    store.snapshots.save("a", "read", frames, {"rows": 3}, now)
    assert store.snapshots.latest("a", "read") == first


def test_parts_of_different_columns_are_no_frame(store: Store) -> None:
    parts = [store.snapshots.write_part(frame) for frame in (households(), households()[["_id"]])]
    with pytest.raises(ValueError, match="differ in their columns"):
        store.snapshots.save("a", "read", {"household": parts}, {}, now)


def test_another_projects_snapshot_is_not_given(store: Store) -> None:
    part = store.snapshots.write_part(households())
    snapshot = store.snapshots.save("a", "read", {"household": [part]}, {}, now)
    with pytest.raises(SnapshotUnknown, match="Project b has no snapshot"):
        store.snapshots.open("b", snapshot.snapshot_id)
    assert store.snapshots.latest("b", "read") is None


def file_of(store: Store, part: PartRef) -> Path:
    return next(store.snapshots.folder.rglob(f"{part.hash}.parquet"))


@pytest.mark.parametrize("damage", ["gone", "cut", "flipped"])
def test_a_damaged_file_is_named_and_reading_again_heals_it(store: Store, damage: str) -> None:
    part = store.snapshots.write_part(households())
    store.snapshots.remember_part("a", "inputs", {"household": part})
    snapshot = store.snapshots.save("a", "read", {"household": [part]}, {}, now)
    path = file_of(store, part)
    content = bytearray(path.read_bytes())
    if damage == "gone":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    else:
        content[60:160] = bytes(byte ^ 0xFF for byte in content[60:160])
        path.write_bytes(content)
    with pytest.raises(SnapshotDamaged) as refusal:
        snapshot.frame("household")
    assert snapshot.snapshot_id[:12] in str(refusal.value)
    assert refusal.value.next_step == "meal run a --from read"
    assert store.snapshots.known_part("inputs") is None
    store.snapshots.write_part(households())
    pd.testing.assert_frame_equal(snapshot.frame("household"), households())


def test_parts_already_made_are_known_by_their_inputs(store: Store) -> None:
    parts = {"household": store.snapshots.write_part(households())}
    store.snapshots.remember_part("a", "inputs", parts)
    assert store.snapshots.known_part("inputs") == parts
    assert store.snapshots.known_part("other inputs") is None


@pytest.mark.skipif(os.name == "nt", reason="file modes are a matter of POSIX")
def test_only_its_owner_may_read_a_snapshot(store: Store) -> None:
    path = file_of(store, store.snapshots.write_part(households()))
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": [{"b": 1}]}),
        pd.DataFrame([[1, 2]], columns=["a", "a"]),
        pd.DataFrame({1: [1]}),
        pd.DataFrame({"a": np.array([1], dtype="int32")}),
    ],
)
def test_a_frame_that_cannot_be_kept_exactly_is_refused(frame: pd.DataFrame) -> None:
    with pytest.raises(UnfitFrame):
        arrow_table(frame)
