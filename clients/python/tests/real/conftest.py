"""What the tests share: the real Log Center."""

import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[3]
sys.path[:0] = [str(HERE), str(ROOT / "tests" / "python"), str(HERE.parents[1] / "src")]

from program import Program  # noqa: E402


@pytest.fixture(scope="session")
def center(tmp_path_factory):
    """One program for all tests; each uses projects of its own."""
    program = Program(tmp_path_factory.mktemp("data"))
    yield program
    program.close()
