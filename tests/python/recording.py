"""What a program wrote, call by call, and the files that a power cut at any moment could leave.

A disk keeps what a finished fsync of a file confirmed. Of what was written to it afterwards it may
keep anything: nothing, all, some sectors of some writes. Names in folders keep their order, as on
every file system with a journal, and are sure when their folder was synced."""

import codecs
import os
import re
from dataclasses import dataclass, field

SECTOR_BYTES = 512
CALLS = (
    "openat,write,pwrite64,ftruncate,copy_file_range,fsync,fdatasync,mkdir,mkdirat,rmdir,unlink,"
    "unlinkat,rename,renameat,renameat2,sendto,writev"
)
# What a program must not use, since nothing here follows it.
OTHERS = "pwritev,pwritev2,fallocate,sync_file_range,sendfile,splice,truncate,link,linkat"
# The wal-index: it is mapped, not written, and SQLite makes it anew.
IGNORED = "-shm"


def strace(to):
    """The words in front of a program that is recorded."""
    return ["strace", "-f", "--seccomp-bpf", "-y", "-s", str(1 << 24), "-e",
            f"trace={CALLS},{OTHERS}", "-e", "signal=none", "-o", str(to)]


@dataclass
class File:
    """What the disk has confirmed of a file, and what was written since, in its order."""

    sure: bytearray = field(default_factory=bytearray)
    # (when, offset, bytes), or (when, length, None) for a cut.
    since: list = field(default_factory=list)

    def confirm(self, before):
        """Everything that was written before some moment is on the disk."""
        for when, at, data in self.since:
            if when < before:
                apply(self.sure, at, data)
        self.since = [one for one in self.since if one[0] >= before]

    def left(self, how, chance):
        """What a power cut leaves: `how` is none, all, first or some."""
        content = bytearray(self.sure)
        kept = {"none": 0, "all": len(self.since)}.get(how)
        if kept is None:
            kept = chance.randint(0, len(self.since)) if how == "first" else len(self.since)
        share = chance.choice((0.1, 0.5, 0.9))
        for nth, (_, at, data) in enumerate(self.since[:kept]):
            if how == "some" or (how == "first" and nth == kept - 1):
                apply_torn(content, at, data, chance, share)
            else:
                apply(content, at, data)
        return content


def apply(content, at, data):
    if data is None:
        del content[at:]
        content.extend(bytes(at - len(content)))
        return
    content.extend(bytes(max(0, at - len(content))))
    content[at : at + len(data)] = data


def apply_torn(content, at, data, chance, share):
    """Each sector of a write is there or not."""
    if data is None:
        if chance.random() < share:
            apply(content, at, None)
        return
    end = at + len(data)
    while at < end:
        stop = min(end, (at // SECTOR_BYTES + 1) * SECTOR_BYTES)
        if chance.random() < share:
            apply(content, at, data[len(data) - (end - at) : len(data) - (end - stop)])
        at = stop


class Disk:
    """A folder as the disk has it, while a recording is played."""

    def __init__(self, folder):
        self.folder = str(folder)
        self.now = 0
        # Every path with its file, or None for a folder: as the program sees it.
        self.names = {}
        # The same as the disk has confirmed it, and the changes since: (when, folders, change).
        self.sure = {}
        self.since = []
        self.syncing = {}
        for above, _, files in os.walk(folder):
            self.names[above] = None
            for name in files:
                path = os.path.join(above, name)
                with open(path, "rb") as file:
                    self.names[path] = File(bytearray(file.read()))
        self.names.setdefault(self.folder, None)
        self.sure = dict(self.names)

    def holds(self, path):
        is_below = path == self.folder or path.startswith(self.folder + "/")
        return is_below and not path.endswith(IGNORED)

    def rename(self, old, new):
        """A change of names: `old` None makes `new`, `new` None removes `old`."""
        file = self.names.get(old) if old else None
        self.change((old, new, file))

    def make(self, path, file):
        self.change((None, path, file))

    def change(self, change):
        old, new, _ = change
        change_names(self.names, change)
        folders = {os.path.dirname(path) for path in (old, new) if path}
        self.since.append((self.now, folders, change))

    def begin_sync(self, thread, path):
        self.syncing[thread] = (path, self.now)

    def end_sync(self, thread):
        path, begun = self.syncing.pop(thread)
        file = self.names.get(path)
        if file is not None:
            return file.confirm(begun)
        last = max((nth for nth, (when, folders, _) in enumerate(self.since)
                    if when < begun and path in folders), default=-1)
        for _, _, change in self.since[: last + 1]:
            change_names(self.sure, change)
        del self.since[: last + 1]

    def left(self, how, chance):
        """Every file that a power cut leaves, with its bytes; None for a folder."""
        names = dict(self.sure)
        kept = {"none": 0, "all": len(self.since)}.get(how)
        kept = chance.randint(0, len(self.since)) if kept is None else kept
        for _, _, change in self.since[:kept]:
            change_names(names, change)
        return {path[len(self.folder) + 1 :]: file and bytes(file.left(how, chance))
                for path, file in names.items()}


def change_names(names, change):
    old, new, file = change
    if old is None:
        names[new] = file
        return
    moved = [path for path in names if path == old or path.startswith(old + "/")]
    for path in moved:
        found = names.pop(path)
        if new is not None:
            names[new + path[len(old) :]] = found


CALL = re.compile(r"(\w+)\((.*)\)\s+= (-?\d+)", re.DOTALL)
FD = re.compile(r"(\d+|AT_FDCWD)<([^>]*)>")
TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)


def unquoted(text):
    return codecs.escape_decode(text.encode("latin-1"))[0]


class Recording:
    """Plays a trace, and knows what was answered so far."""

    def __init__(self, trace, disk):
        self.disk, self.offsets, self.half = disk, {}, {}
        # By the requests' ids.
        self.answered = set()
        with open(trace, encoding="latin-1") as lines:
            self.lines = list(lines)

    def play(self):
        """Yields at each answer, and before and after each sync that went well."""
        for line in self.lines:
            thread, _, call = line.partition(" ")
            call = call.strip()
            self.disk.now += 1
            if call.startswith("<..."):
                begun = self.half.pop(thread, None)
                if begun is None:
                    continue
                call = begun + call.partition("resumed>")[2]
            elif call.endswith("<unfinished ...>"):
                self.half[thread] = call.removesuffix("<unfinished ...>").rstrip()
                if self.begin(thread, call):
                    yield "answered"
                continue
            elif self.begin(thread, call):
                yield "answered"
            found = CALL.match(call)
            if not found or int(found[3]) < 0:
                continue
            is_sync = found[1] in ("fsync", "fdatasync") and thread in self.disk.syncing
            if is_sync:
                yield "before"
            self.end(thread, found[1], found[2], int(found[3]))
            if is_sync:
                yield "after"
        yield "end"

    def begin(self, thread, call):
        """What counts from the beginning of a call: a sync sees what was there, an answer is out.
        True after an answer."""
        name, _, words = call.partition("(")
        if name in ("fsync", "fdatasync"):
            path = FD.match(words)[2]
            if self.disk.holds(path):
                self.disk.begin_sync(thread, path)
        elif name in ("sendto", "writev", "write") and "HTTP/1.1 20" in words:
            found = re.search(r"x-request-id: ([\w-]+)", words)
            self.answered.add(found[1])
            return True
        return False

    def end(self, thread, name, words, result):
        if name in ("fsync", "fdatasync"):
            if thread in self.disk.syncing:
                self.disk.end_sync(thread)
            return
        paths = self.paths(name, words)
        if not any(self.disk.holds(path) for path in paths):
            return
        assert name in CALLS.split(","), f"nothing here follows {name}"
        getattr(self, name.rstrip("2").removesuffix("at").replace("64", ""))(words, paths, result)

    def paths(self, name, words):
        """The paths that a call names, or those of its files."""
        fds = FD.findall(words.partition('"')[0] if name == "writev" else TEXT.sub('""', words))
        if name in ("write", "pwrite64", "ftruncate", "copy_file_range", "writev", "sendto"):
            return [path for _, path in fds]
        names = [unquoted(text).decode() for text in TEXT.findall(words)]
        folders = [path for _, path in fds] or [""] * len(names)
        return [os.path.join(above, below) for above, below in zip(folders, names)]

    # One for each call that changes something.

    def open(self, words, paths, result):
        [path] = paths
        self.offsets[result] = 0
        if "O_CREAT" in words and path not in self.disk.names:
            self.disk.make(path, File())
        if "O_TRUNC" in words and self.disk.names[path]:
            self.write_at(path, 0, None)

    def write_at(self, path, at, data):
        file = self.disk.names.get(path)
        # Nobody gets back what is written to a file that is removed.
        if file is not None:
            file.since.append((self.disk.now, at, data))

    def write(self, words, paths, result):
        fd, at = FD.match(words)[1], 0
        at = self.offsets.get(int(fd), 0)
        self.offsets[int(fd)] = at + result
        self.write_at(paths[0], at, unquoted(TEXT.search(words)[1])[:result])

    def pwrite(self, words, paths, result):
        at = int(words.rpartition(", ")[2])
        self.write_at(paths[0], at, unquoted(TEXT.search(words)[1])[:result])

    def ftruncate(self, words, paths, _result):
        self.write_at(paths[0], int(words.rpartition(", ")[2]), None)

    def copy_file_range(self, words, paths, result):
        at = [self.offsets.get(int(fd), 0) for fd, _ in FD.findall(words)]
        known = self.disk.names.get(paths[0])
        if known:
            content = known.left("all", None)
        else:
            with open(paths[0], "rb") as file:
                content = file.read()
        self.write_at(paths[1], at[1], content[at[0] : at[0] + result])
        for (fd, _), was in zip(FD.findall(words), at):
            self.offsets[int(fd)] = was + result

    def mkdir(self, _words, paths, _result):
        self.disk.make(paths[0], None)

    def rmdir(self, _words, paths, _result):
        self.disk.rename(paths[0], None)

    unlink = rmdir

    def rename(self, _words, paths, _result):
        self.disk.rename(*paths)
