"""What every test may use: reference inputs, databases, a workspace."""

import os
from pathlib import Path

import pytest

# Great Expectations and Dagster must never call out of a test.
os.environ.setdefault("GX_ANALYTICS_ENABLED", "False")
os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")

SHARED = Path(__file__).resolve().parents[1].parent / "shared"
_skipped_for_shared: list[str] = []


@pytest.fixture(scope="session")
def shared_root() -> Path:
    """The folder of reference inputs, whether or not it is there."""
    return SHARED


@pytest.fixture
def shared(request: pytest.FixtureRequest, shared_root: Path) -> Path:
    """The folder of reference inputs; the test is skipped where it is absent."""
    if not shared_root.is_dir():
        _skipped_for_shared.append(request.node.nodeid)
        pytest.skip("reference inputs are not on this machine")
    return shared_root
