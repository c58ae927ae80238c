"""What the program is packed into: the unit, the Debian package, the crate."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

from program import ROOT, binary, environment

EXPOSURE_MAX = 1.5


def run(*words, **options):
    options = {"capture_output": True, "text": True, "env": environment()} | options
    return subprocess.run(list(map(str, words)), **options)


def needs(*names):
    for name in names:
        if not shutil.which(name):
            pytest.skip(f"{name} is not installed")


@pytest.mark.parametrize("flags", [[], ["--data", "/srv/a b"], ["--user"]], ids=str)
def test_systemd_takes_the_unit(tmp_path, flags):
    needs("systemd-analyze")
    done = run(binary(), "systemd", "--binary", "/usr/bin/env", *flags, env=os.environ)
    assert done.returncode == 0, done.stderr
    unit = tmp_path / "log-center.service"
    unit.write_text(done.stdout)
    instance = ["--user"] if "--user" in flags else []
    runtime = os.environ | {"XDG_RUNTIME_DIR": str(tmp_path)}
    done = run("systemd-analyze", "verify", *instance, unit, env=runtime)
    assert done.returncode == 0 and str(unit) not in done.stderr, done.stderr
    done = run("systemd-analyze", "security", "--offline=yes", "--no-pager", unit)
    if instance or "offline" in done.stderr:
        return
    exposure = float(re.search(r"Overall exposure level.*: ([0-9.]+)", done.stdout)[1])
    assert exposure <= EXPOSURE_MAX, done.stdout


def test_the_unit_allows_every_call_that_the_program_makes(tmp_path, start):
    needs("strace", "systemd-analyze")
    calls = tmp_path / "calls"
    program = start(before=["strace", "-f", "-c", "-o", str(calls)])
    program.report()
    program.ask("/api/v1/issues", q="invalid")
    program.ask("/readyz")
    program.stop()
    program.process.wait(20)
    table = calls.read_text().splitlines()
    made = {line.split()[-1] for line in table if re.match(r" *[0-9]+\.[0-9]+ ", line)}
    assert {"openat", "accept4"} <= made, table
    allowed = calls_of("@system-service") - calls_of("@privileged") - calls_of("@resources")
    # As root SQLite hands its files to the owner of the database; the service is not root.
    by_root = {"fchown"} if os.geteuid() == 0 else set()
    assert made - allowed - by_root - {"total"} == set()


def calls_of(group):
    """The system calls of a group of systemd's, the groups within it too."""
    lines = run("systemd-analyze", "--no-pager", "syscall-filter", group).stdout.splitlines()
    names = {line.strip() for line in lines if re.match(r"    [@a-z0-9]", line)}
    inner = {name for name in names if name.startswith("@")}
    return (names - inner).union(*map(calls_of, inner))


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """The package of the program, and one that is the same but for its version and conffile."""
    needs("dpkg-deb")
    folder = tmp_path_factory.mktemp("packages")
    quick = environment() | {"DPKG_DEB_COMPRESSOR_TYPE": "none"}
    words = [ROOT / "packaging/debian.sh", binary(), folder / "with space"]
    done = run(*words, cwd=folder, env=quick)
    assert done.returncode == 0, done.stderr
    first = pathlib.Path(done.stdout.strip())
    assert first.parent == folder / "with space" and first.name.startswith("log-center_")
    tree = folder / "tree"
    run("dpkg-deb", "--raw-extract", first, tree, check=True)
    control = (tree / "DEBIAN/control").read_text()
    (tree / "DEBIAN/control").write_text(re.sub(r"(?m)^(Version: .*)$", r"\1+next", control))
    with open(tree / "etc/log-center.env", "a") as conffile:
        conffile.write("# another default\n")
    second = folder / "second.deb"
    run("dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, second, check=True)
    return first, second


def test_the_debian_package_holds_what_a_service_needs(packages, tmp_path):
    run("dpkg-deb", "--extract", packages[0], tmp_path, check=True)
    for name in (
        "usr/bin/log-center",
        "usr/lib/systemd/system/log-center.service",
        "usr/lib/sysusers.d/log-center.conf",
        "usr/share/doc/log-center/copyright",
        "usr/share/doc/log-center/changelog.gz",
        "etc/log-center.env",
    ):
        assert (tmp_path / name).is_file(), name
    unit = (tmp_path / "usr/lib/systemd/system/log-center.service").read_text()
    printed = run(binary(), "systemd", "--binary", "/usr/bin/log-center").stdout
    assert unit == printed
    legal = (tmp_path / "usr/share/doc/log-center/copyright").read_text()
    assert "Permission is hereby granted" in legal and "@" not in legal
    listed = run("dpkg-deb", "--contents", packages[0]).stdout
    assert all(" root/root " in line for line in listed.splitlines())
    field = run("dpkg-deb", "--field", packages[0], "Version").stdout.strip()
    version = run(binary(), "--version").stdout.split()[-1]
    assert field == version.replace("-", "~")


def test_the_debian_package_keeps_settings_and_data_until_it_is_purged(packages, tmp_path):
    needs("dpkg", "deb-systemd-helper", "systemd-sysusers")
    if os.geteuid() != 0:
        pytest.skip("dpkg installs for root only")
    root = tmp_path / "root"
    for name in ("var/lib/dpkg/updates", "var/lib/dpkg/info", "etc", "var/log"):
        (root / name).mkdir(parents=True)
    (root / "var/lib/dpkg/status").touch()
    (root / "var/lib/dpkg/available").touch()

    def dpkg(*words):
        forced = ["--force-depends", "--force-confold", "--force-script-chrootless"]
        paths = environment() | {"PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}
        done = run("dpkg", f"--root={root}", *forced, *words, env=paths)
        assert done.returncode == 0, done.stderr + done.stdout

    settings, data = root / "etc/log-center.env", root / "var/lib/log-center"
    enabled = root / "etc/systemd/system/multi-user.target.wants/log-center.service"
    dpkg("--install", packages[0])
    assert "\nlog-center:" in "\n" + (root / "etc/passwd").read_text()
    assert enabled.is_symlink()
    settings.write_text("LOG_CENTER_RETENTION_DAYS=30\n")
    data.mkdir()
    (data / "log-center.db").touch()
    dpkg("--install", packages[1])
    assert settings.read_text() == "LOG_CENTER_RETENTION_DAYS=30\n"
    dpkg("--remove", "log-center")
    assert not (root / "usr/bin/log-center").exists()
    assert settings.exists() and (data / "log-center.db").exists()
    dpkg("--install", packages[1])
    dpkg("--purge", "log-center")
    assert not settings.exists() and not data.exists() and not enabled.is_symlink()


def test_the_crate_holds_what_it_is_built_from():
    needs("cargo")
    done = run("cargo", "package", "--list", "--allow-dirty", cwd=ROOT, env=os.environ)
    assert done.returncode == 0, done.stderr
    packed = set(done.stdout.splitlines())
    wanted = {"Cargo.toml", "Cargo.lock", "build.rs", "LICENSE", "README.md", "schema.sql"}
    wanted |= {"web/dist/index.html"}
    for source in [ROOT / "build.rs", *(ROOT / "src").rglob("*.rs")]:
        included = re.findall(r"include_(?:str|bytes)!\(\s*\"([^\"]+)\"", source.read_text())
        for name in included:
            path = (source.parent / name).resolve().relative_to(ROOT.resolve())
            if not path.parts[0] == "tests":
                wanted.add(str(path))
    assert "packaging/log-center.service" in wanted
    assert wanted <= packed, wanted - packed
    strange = [name for name in packed if name.startswith((".", "tests/", "target"))]
    assert strange in ([], [".cargo_vcs_info.json"]), strange
