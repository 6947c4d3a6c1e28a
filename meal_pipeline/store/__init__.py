"""Where the stages meet: SQL tables, row-level snapshots, leases, the log of submissions.

Here: the databases and how they are written and read. Not here: what the numbers mean; the store
knows no form, no project file and no stage's work.
"""

from meal_pipeline.store.engine import Store, StoreUnreachable, open_store
from meal_pipeline.store.leases import Lease, LeaseHeld, LeaseLost, lease
from meal_pipeline.store.migration import StoreIsNewer
from meal_pipeline.store.rows import insert_rows, replace_rows, upsert
from meal_pipeline.store.snapshots import (
    PartRef,
    Snapshot,
    SnapshotDamaged,
    SnapshotStore,
    SnapshotUnknown,
)
from meal_pipeline.store.stages import Clock, StageRecord, record_stage

__all__ = [
    "Clock",
    "Lease",
    "LeaseHeld",
    "LeaseLost",
    "PartRef",
    "Snapshot",
    "SnapshotDamaged",
    "SnapshotStore",
    "SnapshotUnknown",
    "StageRecord",
    "Store",
    "StoreIsNewer",
    "StoreUnreachable",
    "insert_rows",
    "lease",
    "open_store",
    "record_stage",
    "replace_rows",
    "upsert",
]
