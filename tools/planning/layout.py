"""Which polling CPU has which roles."""

import dataclasses

from tools.planning.costs import ROLES


@dataclasses.dataclass(frozen=True)
class Layout:
    """The roles of each polling CPU, as a tuple of sets of names; CPU 0 of the machine is control's."""

    cpus: tuple

    @staticmethod
    def of_counts(**cpus_of_role):
        """Layout.of_counts(rx=range(0, 2), crypto=range(2, 4), tx=range(0, 2))."""
        count = 1 + max(max(cpus) for cpus in cpus_of_role.values())
        roles = [frozenset(role for role in ROLES if i in cpus_of_role.get(role, ())) for i in range(count)]
        return Layout(tuple(roles))

    @staticmethod
    def everything(count):
        """Every CPU has every role."""
        return Layout((frozenset(ROLES),) * count)

    @staticmethod
    def ends(ends, count, ends_help=False):
        """The first CPUs receive and transmit; the others do crypto, and if `ends_help` so do the first."""
        return Layout.of_counts(
            rx=range(ends), tx=range(ends), crypto=range(0 if ends_help else ends, count)
        )

    @staticmethod
    def apart(rx, tx, count, ends_help=False):
        """Some CPUs receive, others transmit, the rest do crypto."""
        return Layout.of_counts(
            rx=range(rx), tx=range(rx, rx + tx), crypto=range(0 if ends_help else rx + tx, count)
        )

    @staticmethod
    def automatic(count, peers):
        """What `lcores: auto` does: see control/lcore_layout.cpp."""
        count = min(count, 4 * peers)
        ends = min(count, peers)
        if 2 * ends < count:
            return Layout.apart(ends, ends, count, ends_help=True)
        return Layout.ends(ends, count, ends_help=True)

    @staticmethod
    def parse(text):
        """'rx=1,crypto=2-5,tx=1+6': CPUs of the machine. Raises ValueError."""
        cpus = {}
        for part in text.split(","):
            role, separator, numbers = part.partition("=")
            if role not in ROLES or not separator:
                raise ValueError(f"'{part}': expected rx=, crypto= or tx=, then CPUs as in 1+4-7")
            for numbers_part in numbers.split("+"):
                first, _, last = numbers_part.partition("-")
                for cpu in range(int(first), int(last or first) + 1):
                    cpus.setdefault(cpu, set()).add(role)
        layout = Layout(tuple(frozenset(cpus[cpu]) for cpu in sorted(cpus)))
        for role in ROLES:
            if not layout.having(role):
                raise ValueError(f"'{text}': no CPU has the role {role}")
        return layout

    def having(self, role):
        """The CPUs that have the role."""
        return [i for i, roles in enumerate(self.cpus) if role in roles]

    def count(self, role):
        return len(self.having(role))

    def describe(self):
        """As rx=..,crypto=..,tx=.. with the machine's numbers: what --layout reads."""
        return ",".join(f"{role}={_ranges([i + 1 for i in self.having(role)])}" for role in ROLES)

    def as_yaml(self):
        """The configuration's section."""
        lines = ["lcores:", "  control: [0]"]
        for role in ROLES:
            lines.append(f"  {role}: [{', '.join(str(i + 1) for i in self.having(role))}]")
        return "\n".join(lines)


def _ranges(numbers):
    parts, start = [], None
    for i, number in enumerate(numbers):
        if start is None:
            start = number
        if i + 1 == len(numbers) or numbers[i + 1] != number + 1:
            parts.append(str(start) if start == number else f"{start}-{number}")
            start = None
    return "+".join(parts)


def candidates(count):
    """Every layout of the kinds above over so many polling CPUs."""
    yield Layout.everything(count)
    for ends in range(1, count):
        yield Layout.ends(ends, count)
        yield Layout.ends(ends, count, ends_help=True)
    for rx in range(1, count - 1):
        for tx in range(1, count - rx):
            yield Layout.apart(rx, tx, count)
            yield Layout.apart(rx, tx, count, ends_help=True)
