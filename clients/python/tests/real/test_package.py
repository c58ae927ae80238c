"""What `python -m build` makes, installed into fresh environments and used."""

import pathlib
import subprocess
import sys
import tarfile
import zipfile

import pytest

import log_center
from apps import CLIENT, EXAMPLES, events, marked, new_id, variables
from log_center.errors import STATUSES
from log_center.options import VARIABLES

TYPED = '''
import log_center

log_center.init("http://localhost:8002", "shop", code_level_map={"AppError": "WARNING"})


def before_send(report: log_center.Report, hint: log_center.Hint) -> "log_center.Report | None":
    return report


@log_center.monitored
def job(number: int) -> str:
    with log_center.with_context(user="u_7", tags={"a": 1}):
        log_center.set_user({"id": 1}, plan="gold")
    return str(number)


log_center.init(before_send=before_send, ignore=[KeyError, "Value*"], sample_rate=0.5)
found: str = log_center.report_error(ValueError("x"), {"a": 1}, level="WARNING")
told: "dict[str, object]" = log_center.format_error(log_center.NotFoundError(info={"a": 1}))
done: bool = log_center.flush(1.0)
text: str = job(7)
'''


def run(words, **how):
    done = subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, timeout=120, **how
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    run([sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, CLIENT])
    [wheel] = folder.glob("*.whl")
    [source] = folder.glob("*.tar.gz")
    return wheel, source


@pytest.fixture(scope="module")
def fresh(built, tmp_path_factory):
    """The Python of an environment that has nothing but the wheel."""
    folder = tmp_path_factory.mktemp("fresh")
    run([sys.executable, "-m", "venv", "--without-pip", folder])
    python = folder / "bin" / "python"
    run([sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-index",
         "--disable-pip-version-check", built[0]])
    return python


def test_the_package_holds_the_client_and_nothing_else(built):
    wheel, source = built
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"log_center", "log_center_sdk"}
    assert "log_center/py.typed" in names
    [metadata] = [name for name in names if name.endswith("METADATA")]
    text = zipfile.ZipFile(wheel).read(metadata).decode()
    assert "Requires-Dist" not in text
    assert "Requires-Python: >=3.9" in text and "Name: log-center-sdk" in text
    with tarfile.open(source) as packed:
        tops = {name.split("/")[1] for name in packed.getnames() if "/" in name}
    assert tops <= {"src", "LICENSE", "README.md", "pyproject.toml", "PKG-INFO", ".gitignore"}


def test_its_size_is_what_the_readme_says(built):
    wheel = built[0].stat().st_size
    readme = (CLIENT / "README.md").read_text()
    [said] = [line for line in readme.splitlines() if "kB wheel" in line]
    kilobytes = int(said.split("kB wheel")[0].split()[-1])
    assert abs(wheel / 1000 - kilobytes) < 3, wheel


def test_a_fresh_environment_needs_nothing_more(fresh, center, tmp_path):
    environment = variables(center, LOG_CENTER_SERVER_NAME=(name := new_id()))
    del environment["PYTHONPATH"]
    job = tmp_path / "cron_job.py"
    job.write_text((EXAMPLES / "cron_job.py").read_text())
    done = subprocess.run(
        [str(fresh), "cron_job.py"], cwd=tmp_path, env=environment, capture_output=True,
        text=True, timeout=60,
    )
    assert done.returncode == 1 and "KeyError: 'orders'" in done.stderr
    [event] = events(center, q=f"context.server_name:{name}")
    assert event["error"]["line_number"] == marked("cron_job.py")
    listed = run([sys.executable, "-m", "pip", "--python", fresh, "list", "--format", "freeze"])
    assert listed.split() == ["log-center-sdk==0.1.0"]


def test_mypy_strict_takes_the_client_and_a_program_that_uses_it(fresh, tmp_path):
    run([sys.executable, "-m", "mypy"], cwd=CLIENT)
    program = tmp_path / "program.py"
    program.write_text(TYPED)
    run([sys.executable, "-m", "mypy", "--strict", "--python-executable", fresh, program],
        cwd=tmp_path)
    program.write_text(TYPED + "log_center.report_error()\njob('x')\n")
    wrong = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--python-executable", str(fresh), str(program)],
        cwd=tmp_path, capture_output=True, text=True, timeout=120,
    )
    assert wrong.stdout.count("error:") == 2, wrong.stdout


def test_every_module_is_typed_and_short():
    for path in pathlib.Path(CLIENT, "src").rglob("*.py"):
        text = path.read_text()
        assert text.startswith('"""'), path
        assert text.count("\n") <= 500, path


def test_the_page_names_every_option_and_function():
    page = (CLIENT.parents[1] / "docs" / "clients-python.md").read_text()
    for option, names in VARIABLES.items():
        assert f"| `{option}` | `{'`, `'.join(names)}` |" in page, option
    public = [name for name in log_center.__all__ if name[0].islower()]
    for name in public:
        assert f"`{name}" in page or f"log_center.{name}(" in page, name
    for code in STATUSES:
        assert f"`{code}`" in page, code
