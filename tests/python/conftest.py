"""What the tests share: programs that end with the test that started them."""

import signal

import pytest

from program import Program

# Under nohup a hang-up is ignored, and in a background job Ctrl-C and SIGQUIT are; every program
# started here would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
for told in (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM):
    signal.signal(told, signal.SIG_DFL)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One program for all tests of a file; each test uses projects of its own."""
    program = Program(tmp_path_factory.mktemp("data"))
    yield program
    program.close()


@pytest.fixture
def start(tmp_path):
    """Starts programs; `data` is a folder below the test's own, kept between starts."""
    started = []

    def start(*flags, data="data", **how):
        started.append(Program(tmp_path / data, *flags, **how))
        return started[-1]

    yield start
    for program in started:
        program.close()
