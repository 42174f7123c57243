"""disk.py: what a disk may hold after a power loss.

The model, which is as hard on a program as fsync(2) allows, and on SQLite as
https://sqlite.org/atomiccommit.html, "Hardware Assumptions", allows:

  - What a flush of a file covers is on the disk when the flush ends: all that
    was done to the file before the flush began, its length included.
  - Anything else may be there or not, each change by itself and in any order. Of
    a write, each sector of 512 bytes may be there or not; a sector is never torn,
    and bytes beside those written stay what they were ("powersafe overwrite").
  - A file that grew may have its new length without the data. What stands there
    then is zeros, noise, or what the file had there before it was last cut short.
  - A name is sure after a flush of its directory, not after one of the file. Until
    then it names anything it has named since the directory's last flush, each
    name by itself: a rename may be there by one half.
"""

SECTOR = 512


class File:
    def __init__(self, content=b""):
        self.disk = bytearray(content)  # what is sure
        self.cache = bytearray(content)  # what the processes see
        self.pending = []  # operations that are not sure
        self.former = bytearray()  # what was there before it was cut short

    def begin(self, operation):
        self.pending.append(operation)

    def end(self, operation):
        if operation.kind == "truncate":
            self.former[:len(self.cache)] = self.cache
        apply(self.cache, operation)

    def flush(self, moment):
        """What was done by then is sure."""
        for operation in [o for o in self.pending if o.end <= moment]:
            apply(self.disk, operation)
            self.pending.remove(operation)

    def survive(self, chance):
        """A content that a power loss may leave; the changes in flight may be there, too."""
        content = bytearray(self.disk)
        if chance.everything:
            return bytearray(self.cache)
        keep = chance.draw()
        for operation in self.pending:
            if operation.kind == "truncate":
                if chance.happens(keep):
                    apply(content, operation)
                continue
            grow = chance.happens(keep)
            for at, piece in sectors(operation):
                if chance.happens(keep):
                    self.extend(content, at, chance)
                    content[at:at + len(piece)] = piece
                elif grow:
                    self.extend(content, at + len(piece), chance)
        return content

    def extend(self, content, length, chance):
        missing = length - len(content)
        if missing > 0:
            content += chance.filler(self.former[len(content):length], missing)


def apply(content, operation):
    if operation.kind == "truncate":
        del content[operation.offset:]
        content += bytes(operation.offset - len(content))
        return
    content += bytes(max(0, operation.offset - len(content)))
    content[operation.offset:operation.offset + len(operation.data)] = operation.data


def sectors(operation):
    """The parts of a write that reach the disk each by itself."""
    at = operation.offset
    end = at + len(operation.data)
    while at < end:
        cut = min(end, (at // SECTOR + 1) * SECTOR)
        yield at, operation.data[at - operation.offset:cut - operation.offset]
        at = cut


class Directory:
    def __init__(self):
        self.disk = {}
        self.cache = {}
        self.pending = []  # (moment, name, what it names since then, or None)

    def change(self, moment, name, what):
        self.cache[name] = what
        self.pending.append((moment, name, what))

    def flush(self, moment):
        """What was done by then is sure."""
        self.disk.update((name, what) for at, name, what in self.pending if at <= moment)
        self.pending = [change for change in self.pending if change[0] > moment]

    def survive(self, chance):
        if chance.everything:
            return dict(self.cache)
        names = dict(self.disk)
        keep = chance.draw()
        for _, name, what in chance.shuffle(self.pending):
            if chance.happens(keep):
                names[name] = what
        return names


class Chance:
    """Decides what survives. With `keep` 0, nothing that is not sure; with 1, everything; with None, at random."""

    def __init__(self, random, keep):
        self.random = random
        self.keep = keep
        self.everything = keep == 1
        self.fill = random.choice(["zeros", "noise", "former"])

    def draw(self):
        """How likely each change of one file is there."""
        return self.random.choice([0, 0.1, 0.5, 0.9, 1]) if self.keep is None else self.keep

    def happens(self, likely):
        return self.random.random() < likely

    def shuffle(self, values):
        return self.random.sample(values, len(values))

    def filler(self, former, length):
        if self.fill == "noise":
            return self.random.randbytes(length)
        return (bytes(former) if self.fill == "former" else b"").ljust(length, b"\0")


class Disk:
    """Follows operations event by event. A flush of what `lies` names does nothing: log, database, directory."""

    def __init__(self, contents, lies=None):
        """Holds those files, as survive() gives them, for sure."""
        self.root = Directory()
        self.lies = lies
        self.under_way = {}  # by operation: the file or directory
        for path, content in contents.items():
            directory, name = self.split(path)
            what = Directory() if content is None else File(content)
            directory.disk[name] = directory.cache[name] = what

    def find(self, path):
        place = self.root
        for name in path.split("/") if path else []:
            place = place.cache[name]
        return place

    def split(self, path):
        directory, _, name = path.rpartition("/")
        return self.find(directory), name

    def begin(self, operation):
        if operation.kind in ("write", "truncate", "flush"):
            self.under_way[operation] = self.find(operation.path)
        if operation.kind in ("write", "truncate"):
            self.under_way[operation].begin(operation)

    def end(self, operation):
        if operation.kind in ("write", "truncate"):
            self.under_way.pop(operation).end(operation)
        elif operation.kind == "flush":
            what = self.under_way.pop(operation)
            kind = "directory" if isinstance(what, Directory) else \
                "log" if operation.path.endswith("-wal") else "database"
            if kind != self.lies:
                what.flush(operation.start)
        elif operation.kind in ("create", "mkdir", "unlink", "rename"):
            self.change_names(operation)

    def change_names(self, operation):
        directory, name = self.split(operation.path)
        if operation.kind == "create" and directory.cache.get(name) is None:
            directory.change(operation.end, name, File())
        elif operation.kind == "mkdir":
            directory.change(operation.end, name, Directory())
        elif operation.kind == "unlink":
            directory.change(operation.end, name, None)
        elif operation.kind == "rename":
            target, other = self.split(operation.target)
            target.change(operation.end, other, directory.cache[name])
            directory.change(operation.end, name, None)

    def survive(self, chance):
        """What a power loss may leave: contents by path, and None for a directory."""
        return survive(self.root, "", chance, {})


def survive(directory, path, chance, contents):
    left = {}
    for name, what in directory.survive(chance).items():
        if isinstance(what, Directory):
            left[path + name] = None
            left.update(survive(what, path + name + "/", chance, contents))
        elif what is not None:
            if what not in contents:  # a file of two names has one content
                contents[what] = what.survive(chance)
            left[path + name] = contents[what]
    return left
