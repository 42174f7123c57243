"""recording.py: what a command does to the files below a directory, as strace sees it.

A recording is a list of operations in the order of their ends, each with the
moment of its start and of its end, since those of several processes overlap.
Memory that is mapped leaves no trace: the log's index is not recorded, and no
power loss leaves anything of it.
"""
import re
import subprocess

WRITES = ["openat", "open", "creat", "write", "pwrite64", "ftruncate", "rename", "unlink", "mkdir", "fsync",
          "fdatasync", "lseek"]
LOCKS = ["fcntl"]
PROGRAMS = ["execve"]
# What would change files in a way that nobody reads here. Met below the directory, it ends the recording.
OTHERS = ["writev", "pwritev", "pwritev2", "truncate", "fallocate", "renameat", "renameat2", "unlinkat", "mkdirat",
          "rmdir", "link", "linkat", "symlink", "symlinkat", "sendfile", "copy_file_range", "sync_file_range", "sync",
          "syncfs"]

LINE = re.compile(r"(\d+) +(?:(\w+)\((.*)|<\.\.\. (\w+) resumed>(.*)|\+\+\+.*|---.*)$")
ENDED = re.compile(r"(.*)\) += (-?\d+)(?:<([^>]*)>)?[^\"]*$")
DESCRIPTOR = re.compile(r"\d+<([^>]*)>(\(deleted\))?")
STRING = re.compile(r'"([^"]*)"')

WRITE_LOCK = "l_start=120, l_len=1}"  # of the log's index: https://sqlite.org/walformat.html, 2.3.1
RESERVED_LOCK = "l_start=1073741824, l_len=2}"  # of a database without a log, with another: https://sqlite.org/lockingv3.html


class Operation:
    """One change, flush or sign. `start` and `end` are moments: numbers that grow with time."""

    def __init__(self, kind, path, start, end, **more):
        self.kind = kind  # create truncate write rename unlink mkdir flush; damage, unlock
        self.path = path
        self.start = start
        self.end = end
        self.target = more.get("target")  # of a rename
        self.data = more.get("data")
        self.offset = more.get("offset", 0)  # of a write; the length of a truncate

    def __repr__(self):
        size = "" if self.data is None else " %d bytes at" % len(self.data)
        return "%s %s%s %d" % (self.kind, self.path, size, self.offset)


def unescape(text):
    return bytes.fromhex(text.replace("\\x", ""))


class Reader:
    """Reads strace's lines."""

    def __init__(self, directory):
        self.directory = directory
        self.operations = []
        self.unfinished = {}  # by process: the moment, the call and its arguments
        self.positions = {}  # by process and path: where the next write goes
        self.programs = {}

    def below(self, path):
        """The path as seen from the directory; None if it lies elsewhere."""
        path = unescape(path).decode("utf-8", "replace")
        if path == self.directory:
            return ""
        return path[len(self.directory) + 1:] if path.startswith(self.directory + "/") else None

    def take(self, moment, line):
        match = LINE.match(line)
        if match is None:
            raise ValueError("strace wrote what is not understood: " + line[:200])
        process, call, arguments, resumed, rest = match.groups()
        start = moment
        if resumed is not None:
            start, call, arguments = self.unfinished.pop(process)
            arguments += rest
        elif call is None:
            return
        elif arguments.endswith("<unfinished ...>"):
            self.unfinished[process] = (moment, call, arguments[:-len(" <unfinished ...>")])
            return
        ended = ENDED.match(arguments)
        if ended is None or int(ended.group(2)) < 0:
            return
        self.finish(process, call, ended, start, moment + 1)

    def add(self, kind, path, start, end, **more):
        if path is not None and (kind == "unlock" or not path.endswith("-shm")):
            self.operations.append(Operation(kind, path, start, end, **more))

    def finish(self, process, call, ended, start, end):
        arguments, result, opened = ended.groups()
        result = int(result)
        if call == "execve":
            self.programs[process] = unescape(STRING.search(arguments).group(1))
        elif call in ("openat", "open", "creat"):
            self.open(process, opened, arguments, start, end)
        elif call in ("rename", "unlink", "mkdir"):
            paths = [self.below(path) for path in STRING.findall(arguments)]
            self.add(call, paths[0], start, end, target=paths[1] if call == "rename" else None)
            self.note_damage(process, call, paths[0], end)
        elif call in WRITES or call in LOCKS:
            self.use(process, call, arguments, result, start, end)
        elif any(self.below(path) for path in re.findall(r"[\"<]((?:\\x[0-9a-f]{2})+)[\">]", arguments)):
            raise ValueError("%s is not understood" % call)

    def open(self, process, opened, arguments, start, end):
        path = self.below(opened)
        self.positions[process, path] = 0
        if "O_CREAT" in arguments:
            self.add("create", path, start, end)
        if "O_TRUNC" in arguments:
            self.add("truncate", path, start, end)

    def use(self, process, call, arguments, result, start, end):
        match = DESCRIPTOR.match(arguments)
        if match is None:
            return
        path, deleted = match.groups()
        path = self.below(path)
        key = process, path
        if path is None or deleted:
            return
        if call == "lseek":
            self.positions[key] = result
        elif call in ("write", "pwrite64"):
            data = unescape(STRING.search(arguments).group(1))[:result]
            at = int(arguments.rsplit(",", 1)[1]) if call == "pwrite64" else self.positions[key]
            if call == "write":
                self.positions[key] += result
            self.add("write", path, start, end, data=data, offset=at)
        elif call == "ftruncate":
            self.add("truncate", path, start, end, offset=int(arguments.rsplit(",", 1)[1]))
        elif call in ("fsync", "fdatasync"):
            self.add("flush", path, start, end)
            self.note_damage(process, call, path, end)
        elif "F_SETLK" in arguments and "F_UNLCK" in arguments and (
                (WRITE_LOCK in arguments and path.endswith("-shm")) or (RESERVED_LOCK in arguments and path.endswith(".db"))):
            self.add("unlock", path, start, start)

    def note_damage(self, process, call, path, end):
        """Another program has changed the file, and is done with it."""
        if self.programs[process].endswith((b"/dd", b"/unlink")):
            self.add("damage", path, end, end)


def record(directory, trace, command, environment):
    """Runs the command and returns its operations below the directory. `trace` is a file for strace's words."""
    calls = "trace=" + ",".join(WRITES + LOCKS + PROGRAMS + OTHERS)
    subprocess.run(["strace", "-f", "--seccomp-bpf", "-qq", "-y", "-xx", "-s", "65536", "-o", trace, "-e", calls,
                    *command], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    reader = Reader(directory)
    with open(trace, encoding="ascii") as lines:
        for number, line in enumerate(lines):
            reader.take(2 * number, line.rstrip("\n"))
    return reader.operations
