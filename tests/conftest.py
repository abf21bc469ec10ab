"""What every test may ask for."""

from pathlib import Path

import pytest
from hypothesis import settings

# The same examples each time: what a change is judged by is no matter of luck. `make soak` draws new ones.
# There is no deadline: a busy machine is no reason to fail.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("random", deadline=None)
settings.load_profile("same")

ROOT = Path(__file__).resolve().parent.parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what spans the program: processes take longest, and no worker is to wait for them at the end."""
    items.sort(key=lambda item: item.path.parent != ROOT / "tests")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Give the folder of labelled news, real feeds and schemas that lies beside the project, or skip."""
    folder = ROOT.parent / "shared"
    if not (folder / "bench").is_dir():
        pytest.skip("needs the test data in ../shared, beside the project's folder")
    return folder
