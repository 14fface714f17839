"""Looks for secrets in a process's memory, and in a core dump of it."""

import re

CHUNK = 1 << 20
OVERLAP = 256
ZEROS = bytes(CHUNK)


class Mapping:
    """One mapping of a process, as smaps tells of it."""

    def __init__(self, line):
        fields = line.split(maxsplit=5)
        self.first, self.end = (int(address, 16) for address in fields[0].split("-"))
        self.readable = fields[1].startswith("r")
        self.name = fields[5].strip() if len(fields) > 5 else "anonymous"
        self.flags = set()

    @property
    def is_guarded(self):
        """Locked into RAM and left out of core dumps."""
        return {"lo", "dd"} <= self.flags

    def __str__(self):
        return f"{self.first:x} ({self.name})"


def mappings(pid):
    found = []
    with open(f"/proc/{pid}/smaps") as smaps:
        for line in smaps:
            if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
                found.append(Mapping(line))
            elif line.startswith("VmFlags:"):
                found[-1].flags = set(line.split()[1:])
    return [each for each in found if each.readable and not each.name.startswith(("[v", "/dev/"))]


def occurrences(chunks, secrets):
    """Which of `secrets` (bytes by name) occur in consecutive chunks."""
    found, tail = set(), b""
    for chunk in chunks:
        if chunk == ZEROS:
            tail = b""
            continue
        text = tail + chunk
        found.update(name for name, secret in secrets.items() if name not in found and secret in text)
        tail = text[-OVERLAP:]
    return found


def chunks_of(file, first, end):
    file.seek(first)
    while first < end:
        try:
            chunk = file.read(min(CHUNK, end - first))
        except OSError:  # a page behind the end of its file
            chunk = b""
        if not chunk:
            return
        first += len(chunk)
        yield chunk


def find_in_process(pid, secrets):
    """Pairs of a secret's name and the mapping it lies in."""
    found = []
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for mapping in mappings(pid):
            names = occurrences(chunks_of(memory, mapping.first, mapping.end), secrets)
            found += [(name, mapping) for name in names]
    return found


def find_in_file(path, secrets):
    """The names of the secrets that a file holds."""
    with open(path, "rb") as file:
        return occurrences(iter(lambda: file.read(CHUNK), b""), secrets)
