"""What the application chose: arguments of `init` first, then environment variables.

A value that cannot be read is left at its default, and the debug option tells: a typing error in
a variable must not keep a program from starting.
"""

from __future__ import annotations

import importlib
import os
import re
from dataclasses import dataclass, field, fields
from typing import Any, Callable, Dict, List, Mapping, Optional, Pattern, Sequence, Tuple, Union
from urllib.parse import urlsplit

from .plain import safe_text

Report = Dict[str, Any]
Hint = Dict[str, Any]
BeforeSend = Callable[[Report, Hint], Optional[Report]]
ShouldReport = Callable[[BaseException, Hint], Optional[bool]]
Ignored = Union[str, Pattern[str], type]

#: The levels of a report, lowest first.
LEVEL_NAMES = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_ALIASES = {"WARN": "WARNING", "FATAL": "CRITICAL"}
_ON = ("1", "true", "yes", "on")
_OFF = ("0", "false", "no", "off", "")
_DEVELOPMENT = ("development", "dev", "test", "testing", "local")
_COMMIT_VARIABLES = (
    "LOG_CENTER_COMMIT_HASH", "GIT_COMMIT", "COMMIT_SHA", "CI_COMMIT_SHA", "GITHUB_SHA",
    "SOURCE_VERSION", "HEROKU_SLUG_COMMIT", "VERCEL_GIT_COMMIT_SHA", "RENDER_GIT_COMMIT",
)


@dataclass
class Options:
    """Every choice; `docs/clients-python.md` explains each."""

    url: str = ""
    project: str = ""
    environment: str = "production"
    version: str = ""
    commit_hash: str = ""
    key: str = ""
    before_send: Optional[BeforeSend] = None
    code_level_map: Mapping[str, str] = field(default_factory=dict)
    should_report: Optional[ShouldReport] = None
    expose_codes: Sequence[str] = ()
    ignore: Sequence[Ignored] = ()
    sample_rate: float = 1.0
    in_app: Sequence[str] = ()
    root_dir: str = ""
    scrub: Sequence[str] = ()
    bodies: str = "small"
    answers: str = "auto"
    propagate: Sequence[str] = ("*",)
    timeout: float = 3.0
    max_queue: int = 100
    level: str = "DEBUG"
    hooks: bool = True
    enabled: bool = True
    debug: bool = False
    server_name: str = ""
    faults: List[str] = field(default_factory=list, repr=False)

    @property
    def is_development(self) -> bool:
        """Whether callers may see the original error; any unknown environment is production."""
        return self.environment.lower() in _DEVELOPMENT


VARIABLES: Mapping[str, Tuple[str, ...]] = {
    entry.name: (f"LOG_CENTER_{entry.name.upper()}",)
    for entry in fields(Options) if entry.name != "faults"
}
VARIABLES = {
    **VARIABLES,
    "environment": ("LOG_CENTER_ENVIRONMENT", "ENVIRONMENT"),
    "version": ("LOG_CENTER_VERSION", "APP_VERSION"),
    "commit_hash": _COMMIT_VARIABLES,
}


def read_options(given: Mapping[str, Any]) -> Options:
    """Merges arguments with the environment; what is still open is found or has its default."""
    options = Options()
    for name, variables in VARIABLES.items():
        value = given.get(name)
        if value is None:
            value = next((os.environ[name] for name in variables if os.environ.get(name)), None)
            if value is None:
                continue
        try:
            read: Callable[[Any], Any] = _READERS.get(name, _read_text)
            setattr(options, name, read(value))
        except (Exception, SystemExit) as fault:
            options.faults.append(f"option {name}: {safe_text(fault)}")
    options.url = options.url.rstrip("/")
    options.environment = options.environment[:64]
    options.root_dir = options.root_dir or _working_folder()
    options.project = options.project or _project_member(options.root_dir, "name")
    options.version = options.version or _project_member(options.root_dir, "version")
    options.commit_hash = options.commit_hash or _git_commit(options.root_dir)
    return options


def read_level(value: Any) -> str:
    """A level's own name, in any case and with the aliases that the server knows."""
    name = safe_text(value).upper()
    name = _ALIASES.get(name, name)
    if name not in LEVEL_NAMES:
        raise ValueError(f"expected one of {', '.join(LEVEL_NAMES)}, got {safe_text(value)[:64]}")
    return name


def _read_text(value: Any) -> str:
    return str(value).strip()


def _read_url(value: Any) -> str:
    """An address; one that cannot be read must not keep a program from starting."""
    text = _read_text(value)
    found = urlsplit(text)
    if text and (found.scheme not in ("http", "https") or not found.hostname):
        raise ValueError("expected an address such as http://localhost:8002")
    return text


def _read_list(value: Any) -> Tuple[Any, ...]:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if isinstance(value, (type, re.Pattern)):
        return (value,)
    return tuple(value)


def _read_switch(value: Any) -> bool:
    if isinstance(value, str):
        if value.strip().lower() not in _ON + _OFF:
            raise ValueError(f"expected true or false, got {value!r}")
        return value.strip().lower() in _ON
    return bool(value)


def _read_rate(value: Any) -> float:
    rate = float(value)
    if not 0 <= rate <= 1:
        raise ValueError(f"expected 0 to 1, got {value!r}")
    return rate


def _read_seconds(value: Any) -> float:
    seconds = float(value)
    if not 0 < seconds <= 60:
        raise ValueError(f"expected more than 0 and at most 60 seconds, got {value!r}")
    return seconds


def _read_count(value: Any) -> int:
    count = int(value)
    if not 1 <= count <= 10_000:
        raise ValueError(f"expected 1 to 10000, got {value!r}")
    return count


def _read_levels(value: Any) -> Mapping[str, str]:
    if isinstance(value, str):
        pairs = [part.split("=", 1) for part in _read_list(value)]
        value = {code.strip(): level.strip() for code, level in pairs}
    return {str(code): read_level(level) for code, level in dict(value).items()}


def _read_function(value: Any) -> Any:
    """A function, or its name as `module:function`."""
    if isinstance(value, str):
        module, _, name = value.partition(":")
        value = getattr(importlib.import_module(module), name)
    if not callable(value):
        raise TypeError(f"expected a function, got {value!r}")
    return value


def _one_of(*allowed: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in allowed:
            raise ValueError(f"expected one of {', '.join(allowed)}, got {value!r}")
        return str(value)

    return read


def _read_hosts(value: Any) -> Tuple[Any, ...]:
    if isinstance(value, bool):
        return ("*",) if value else ()
    if isinstance(value, str) and value.strip().lower() in _ON + _OFF:
        return ("*",) if value.strip().lower() in _ON else ()
    return _read_list(value)


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "url": _read_url,
    "before_send": _read_function,
    "should_report": _read_function,
    "code_level_map": _read_levels,
    "ignore": _read_list,
    "in_app": _read_list,
    "expose_codes": _read_list,
    "scrub": _read_list,
    "propagate": _read_hosts,
    "sample_rate": _read_rate,
    "timeout": _read_seconds,
    "max_queue": _read_count,
    "level": read_level,
    "bodies": _one_of("small", "never"),
    "answers": _one_of("auto", "always", "never"),
    "hooks": _read_switch,
    "enabled": _read_switch,
    "debug": _read_switch,
}


def _working_folder() -> str:
    try:
        return os.getcwd()
    except OSError:
        return os.sep


def _project_member(folder: str, name: str) -> str:
    """A text in pyproject.toml; read by a pattern, since Python 3.9 has no TOML."""
    text = _first_bytes(os.path.join(folder, "pyproject.toml"))
    table = re.search(r"^\[(?:project|tool\.poetry)\]\s*$(.*?)(?=^\[|\Z)", text, re.M | re.S)
    member = rf"^{name}\s*=\s*[\"']([^\"']+)[\"']"
    found = re.search(member, table[1], re.M) if table else None
    return found[1] if found else ""


def _git_commit(folder: str) -> str:
    """The commit that is checked out, read without running Git."""
    git = os.path.join(folder, ".git")
    head = _first_bytes(os.path.join(git, "HEAD")).strip()
    if head.startswith("ref: "):
        name = head[5:].strip()
        head = _first_bytes(os.path.join(git, *name.split("/"))).strip()
        if not head:
            packed = _first_bytes(os.path.join(git, "packed-refs"))
            found = re.search(rf"^([0-9a-f]{{40,64}}) {re.escape(name)}$", packed, re.M)
            head = found[1] if found else ""
    return head if re.fullmatch(r"[0-9a-f]{40,64}", head) else ""


def _first_bytes(path: str, limit: int = 1_000_000) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(limit)
    except (OSError, ValueError):
        return ""
