"""install.sh: puts the program in place, refuses a damaged one, takes it away again."""

import hashlib
import shutil
import subprocess

import pytest

from program import ROOT, binary


@pytest.fixture
def given(tmp_path):
    file = tmp_path / "given" / "log-center"
    file.parent.mkdir()
    shutil.copy(binary(), file)
    return file


def install(*words):
    words = ["sh", str(ROOT / "install.sh"), *map(str, words)]
    return subprocess.run(words, capture_output=True, text=True)


def test_it_installs_and_removes_the_program(tmp_path, given):
    digest = hashlib.sha256(given.read_bytes()).hexdigest()
    given.with_suffix(".sha256").write_text(f"{digest}  log-center\n")
    for _ in range(2):
        done = install("--prefix", tmp_path / "prefix", given)
        assert done.returncode == 0, done.stderr
    installed = tmp_path / "prefix" / "bin" / "log-center"
    version = subprocess.run([installed, "--version"], capture_output=True, text=True).stdout
    assert version.startswith("log-center ") and version.strip() in done.stdout
    assert [file.name for file in installed.parent.iterdir()] == ["log-center"]
    assert install("--prefix", tmp_path / "prefix", "--uninstall").returncode == 0
    assert not installed.exists()
    assert install("--prefix", tmp_path / "prefix", "--uninstall").returncode == 1


def test_a_damaged_file_is_not_installed(tmp_path, given):
    given.with_suffix(".sha256").write_text("0" * 64 + "  log-center\n")
    done = install("--prefix", tmp_path / "prefix", given)
    assert done.returncode == 1 and "damaged" in done.stderr
    assert not (tmp_path / "prefix" / "bin" / "log-center").exists()


def test_what_does_not_run_here_is_not_installed(tmp_path, given):
    given.write_text("not a program\n")
    done = install("--prefix", tmp_path / "prefix", given)
    assert done.returncode == 1, done.stdout
    assert not list((tmp_path / "prefix").rglob("log-center*"))
