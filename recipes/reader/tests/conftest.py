"""The folder of real public data, where it is beside the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def shared_data() -> Path:
    """Real public data; the test skips where it is not there."""
    folder = Path(__file__).resolve().parents[3].parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("real public data is not here (shared/data beside the checkout)")
    return folder
