"""Snapshots: immutable row-level frames in Parquet, named by the hash of their content.

Here: parts (files), snapshots (ordered parts of several frames, with what they were made of) and
the memory of parts already made. Not here: which rows and columns a frame has (read, validate).

A frame is stored as ordered parts, so that new rows add a part and leave the others as they are.
A snapshot's id hashes its stage, its frames and its parents: the same rows made of the same inputs
have the same id, on every machine.
"""

import hashlib
import os
import secrets
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pandas as pd
from sqlalchemy import select

from meal_pipeline.errors import MealError
from meal_pipeline.locale import gettext as _
from meal_pipeline.store.rows import upsert
from meal_pipeline.store.tables.read import snapshot_heads, snapshot_parts, snapshots
from meal_pipeline.store.times import utc_text

if TYPE_CHECKING:
    from meal_pipeline.store.engine import Store
    from meal_pipeline.store.stages import Clock

_READERS = 2


class SnapshotDamaged(MealError):
    """A file of a snapshot is gone or cannot be read."""


class SnapshotUnknown(MealError):
    """The store has no such snapshot of the project."""


@dataclass(frozen=True)
class PartRef:
    """A stored part: the hash of its content (64 hex digits) and its number of rows."""

    hash: str
    rows: int


@dataclass(frozen=True)
class Snapshot:
    """The frames of a stage at one state of the data; they never change."""

    snapshot_id: str
    project: str
    stage: str
    parents: dict[str, Any]
    """What it was made of, as the stage that made it wrote it."""
    manifest: dict[str, Any]
    store: "SnapshotStore"

    @property
    def frames(self) -> list[str]:
        """The names of its frames."""
        return list(self.manifest)

    def parts(self, name: str) -> list[PartRef]:
        """Give the parts of a frame in order. Raises KeyError for a name it has not."""
        return [PartRef(hash, rows) for hash, rows in self.manifest[name]["parts"]]

    def rows(self, name: str) -> int:
        """Give the number of rows of a frame."""
        return sum(part.rows for part in self.parts(name))

    def columns(self, name: str) -> list[str]:
        """Give the column names of a frame in order."""
        return [column for column, _type in self.manifest[name]["columns"]]

    def frame(self, name: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Give a frame, or some of its columns, with a plain index from 0.

        Raises KeyError for a frame or column it has not, SnapshotDamaged where a file is gone.
        """
        try:
            with ThreadPoolExecutor(_READERS) as readers:
                parts = list(
                    readers.map(lambda part: self.store.read_part(part, columns), self.parts(name))
                )
        except SnapshotDamaged as error:
            raise SnapshotDamaged(
                _("Snapshot {snapshot} of project {project} is damaged: {reason}").format(
                    snapshot=self.snapshot_id[:12], project=self.project, reason=error
                ),
                next_step=f"meal run {self.project} --from read",
            ) from error
        return parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)


class SnapshotStore:
    """The parts in `folder` and what the store's tables know of them."""

    def __init__(self, store: "Store", folder: Path) -> None:
        self.folder = folder
        self._store = store

    def write_part(self, frame: pd.DataFrame) -> PartRef:
        """Store a frame as one part and give its name; the same content is stored once.

        The types of its columns must be among `logical_hash.TYPES`; the index is not kept.
        """
        import pyarrow.parquet as pq

        from meal_pipeline.store.logical_hash import arrow_table, columns_of, logical_hash

        table = arrow_table(frame)
        part = PartRef(logical_hash(columns_of(frame), table), len(frame))
        path = self._path(part)
        if path.exists():
            return part
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
        try:
            descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                pq.write_table(
                    table,
                    file,
                    compression="zstd",
                    compression_level=1,
                    use_dictionary=[n for n, t in columns_of(frame) if t == "str"],
                    write_page_checksum=True,
                )
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        return part

    def read_part(self, part: PartRef, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Give a part as a frame, or some of its columns in the order asked.

        Raises SnapshotDamaged when its file is gone or damaged; a damaged file is set aside, so
        that reading again makes it anew. Raises KeyError for a column that it has not. Pages are
        held against their checksums, and a whole part against its name.
        """
        import pyarrow.parquet as pq

        from meal_pipeline.store.logical_hash import columns_of, logical_hash

        path = self._path(part)
        if not path.exists():
            raise SnapshotDamaged(_("a file of it is gone."))
        wanted = None if columns is None else list(columns)
        try:
            with pq.ParquetFile(path, page_checksum_verification=True) as file:
                table = file.read(columns=wanted)  # leaves out names that are not there
            frame: pd.DataFrame = table.to_pandas()
            sound = wanted is not None or logical_hash(columns_of(frame), table) == part.hash
        except (ValueError, OSError, TypeError, KeyError):
            sound = False
        if not sound:
            with suppress(OSError):
                path.replace(path.with_suffix(".damaged"))
            raise SnapshotDamaged(_("a file of it cannot be read."))
        return frame if wanted is None else frame[wanted]

    def has(self, part: PartRef) -> bool:
        """Tell whether the part's file is there."""
        return self._path(part).exists()

    def remove(self, part: PartRef) -> None:
        """Delete the part's file, whatever snapshots name it."""
        self._path(part).unlink(missing_ok=True)

    def unnamed_parts(self) -> list[PartRef]:
        """Give the parts that lie in the folder and that neither a snapshot nor a memory names.

        Their number of rows is not known here, and told as 0. A run in progress has such parts.
        """
        with self._store.read() as connection:
            told = connection.execute(select(snapshots.c.manifest)).scalars().all()
            kept = connection.execute(select(snapshot_parts.c.manifest)).scalars().all()
        named = {
            hash
            for manifest in told
            for frame in orjson.loads(manifest).values()
            for hash, _rows in frame["parts"]
        }
        named |= {hash for manifest in kept for hash, _rows in orjson.loads(manifest).values()}
        return [
            PartRef(path.stem, 0)
            for path in sorted(self.folder.glob("??/*.parquet"))
            if path.stem not in named
        ]

    def known_part(self, input_hash: str) -> dict[str, PartRef] | None:
        """Give the parts (frame → part) that were made of these inputs, if they are all there."""
        with self._store.read() as connection:
            manifest = connection.execute(
                select(snapshot_parts.c.manifest).where(snapshot_parts.c.input_hash == input_hash)
            ).scalar()
        if manifest is None:
            return None
        parts = {name: PartRef(*value) for name, value in orjson.loads(manifest).items()}
        return parts if all(self._path(part).exists() for part in parts.values()) else None

    def remember_part(self, project: str, input_hash: str, parts: Mapping[str, PartRef]) -> None:
        """Remember which parts (frame → part) came of these inputs, for `known_part`."""
        row = {
            "input_hash": input_hash,
            "project": project,
            "manifest": _json({name: [part.hash, part.rows] for name, part in parts.items()}),
            "rows": sum(part.rows for part in parts.values()),
        }
        with self._store.write() as connection:
            upsert(connection, snapshot_parts, [row], ["input_hash"])

    def save(
        self,
        project: str,
        stage: str,
        frames: Mapping[str, Sequence[PartRef]],
        parents: Mapping[str, Any],
        clock: "Clock",
        *,
        holds: bool = True,
    ) -> Snapshot:
        """Make a snapshot of stored parts, and, if it `holds`, the one that does for the stage.

        Each frame needs at least one part (without rows, if there are none), all with the same
        columns. `parents` is what it was made of, plain values. The same frames, stage and
        parents always give the same snapshot. Raises ValueError where parts do not fit together.
        """
        manifest = {
            name: {
                "columns": self._columns(name, parts),
                "parts": [[part.hash, part.rows] for part in parts],
            }
            for name, parts in frames.items()
        }
        named = _json({"stage": stage, "frames": manifest, "parents": dict(parents)})
        snapshot_id = hashlib.sha256(named.encode()).hexdigest()
        row = {
            "snapshot_id": snapshot_id,
            "project": project,
            "stage": stage,
            "manifest": orjson.dumps(manifest).decode(),
            "parents": _json(dict(parents)),
            "made_at": utc_text(clock()),
        }
        head = {"project": project, "stage": stage, "snapshot_id": snapshot_id}
        key = ["snapshot_id", "project"]
        with self._store.write() as connection:
            known = connection.execute(
                select(snapshots.c.snapshot_id).where(*(snapshots.c[k] == row[k] for k in key))
            ).scalar()
            if known is None:
                upsert(connection, snapshots, [row], key)
            if holds:
                upsert(connection, snapshot_heads, [head], ["project", "stage"])
        return self.open(project, snapshot_id)

    def open(self, project: str, snapshot_id: str) -> Snapshot:
        """Give a snapshot by its id. Raises SnapshotUnknown where the project has no such one."""
        with self._store.read() as connection:
            row = connection.execute(
                select(snapshots).where(
                    snapshots.c.project == project, snapshots.c.snapshot_id == snapshot_id
                )
            ).one_or_none()
        if row is None:
            raise SnapshotUnknown(
                _("Project {project} has no snapshot {snapshot}.").format(
                    project=project, snapshot=snapshot_id
                ),
                next_step=f"meal status {project}",
            )
        return Snapshot(
            snapshot_id,
            project,
            row.stage,
            orjson.loads(row.parents),
            orjson.loads(row.manifest),
            self,
        )

    def latest(self, project: str, stage: str) -> Snapshot | None:
        """Give the snapshot of a stage that holds now, or nothing before the first."""
        with self._store.read() as connection:
            snapshot_id = connection.execute(
                select(snapshot_heads.c.snapshot_id).where(
                    snapshot_heads.c.project == project, snapshot_heads.c.stage == stage
                )
            ).scalar()
        return None if snapshot_id is None else self.open(project, snapshot_id)

    def _columns(self, name: str, parts: Sequence[PartRef]) -> list[list[str]]:
        if not parts:
            raise ValueError(f"frame {name} has no part; write one without rows")
        schemas: list[Any] = []
        for part in dict.fromkeys(parts):
            schema = self._schema(part)
            if not any(schema.equals(other, check_metadata=True) for other in schemas):
                schemas.append(schema)
        found = [
            [[str(column), str(dtype)] for column, dtype in frame.dtypes.items()]
            for frame in (schema.empty_table().to_pandas() for schema in schemas)
        ]
        if any(columns != found[0] for columns in found):
            raise ValueError(f"the parts of frame {name} differ in their columns")
        return found[0]

    def _schema(self, part: PartRef) -> Any:
        """Give the Arrow schema of a part, which says how pandas reads its columns."""
        import pyarrow.parquet as pq

        path = self._path(part)
        if not path.exists():
            raise SnapshotDamaged(_("a file of it is gone."))
        return pq.read_schema(path)

    def _path(self, part: PartRef) -> Path:
        return self.folder / part.hash[:2] / f"{part.hash}.parquet"


def _json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
