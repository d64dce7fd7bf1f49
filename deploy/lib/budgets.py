"""What a request costs a node, out of callgrind's counts, beside deploy/budgets.json: see deploy/budgets.

Only the event loop's thread is looked at: it is what requests wait for. Instructions of a part are those that were
executed in it and in whatever it calls.
"""
import argparse
import collections
import glob
import json
import pathlib
import re
import struct
import subprocess
import sys

BUDGETS = pathlib.Path(__file__).parent.parent / "budgets.json"
HOT_FUNCTIONS = pathlib.Path(__file__).parent.parent / "hot-functions.txt"
# A busy machine makes a loop wake more often for less: a few percent.
TOLERANCE = 0.10
# Events of one stream of deploy/bench's route `events` that reach the caller: its chunks, the finish, the end marker.
EVENTS = 102
ALLOCATORS = {"malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc"}
PARTS = {
    "decision": r"^decide\(",
    "owned-field walk": r"^ChatRequest\.init\(_:isPrompted:with:\)",
    "codec, reading": r"MessageReader\.next\(\)",
    "exchange": r"^LiveExchange\.(arrive|received|receivedAll|upstreamOpened|replied|repliedAll|upstreamPaused)\(",
    "events": r"^ChatStream\.take\(",
}


class Thread:
    """One thread's counts: by function, its own instructions, and who calls whom how often at which cost."""

    def __init__(self, path):
        self.trigger = ""
        self.own = collections.Counter()
        self.calls = collections.Counter()
        self.cost = collections.Counter()
        self.names = {}
        self.read(path)

    def name(self, text):
        match = re.match(r"\((\d+)\)(?: (.*))?", text)
        if match.group(2):
            self.names[match.group(1)] = match.group(2)
        return self.names[match.group(1)]

    def read(self, path):
        function = callee = None
        is_call = False
        for line in open(path, errors="replace"):
            line = line.rstrip("\n")
            if line.startswith("desc: Trigger:"):
                self.trigger = line.rpartition(" ")[2]
            elif line.startswith("fn="):
                function = self.name(line[3:])
            elif line.startswith("cfn="):
                callee = self.name(line[4:])
            elif line.startswith("calls="):
                self.calls[function, callee] += int(line[6:].split()[0])
                is_call = True
            elif re.match(r"[+\-*0-9]", line):
                count = int(line.split()[1]) if " " in line else 0
                if is_call:
                    self.cost[function, callee] += count
                else:
                    self.own[function] += count
                is_call = False

    @property
    def total(self):
        return sum(self.own.values())

    def allocations(self):
        """As the program asks for them, not as the allocator calls itself."""
        return sum(n for (a, b), n in self.calls.items() if plain(b) in ALLOCATORS and plain(a) not in ALLOCATORS)

    def inside(self, pattern, demangled):
        """Of the calls that enter a part from outside of it."""
        inside = {name for name in demangled if re.search(pattern, demangled[name])}
        return sum(cost for (a, b), cost in self.cost.items() if b in inside and a not in inside)


def plain(name):
    return name.partition("'")[0].rpartition(":")[2]


def demangle(names):
    names = sorted(names)
    command = ["swift", "demangle", "--simplified", "--compact"]
    done = subprocess.run(command, input="\n".join(names), capture_output=True, text=True, check=True)
    cleaned = [re.sub(r"^(specialized|static|\s)+", "", text) for text in done.stdout.splitlines()]
    return dict(zip(names, cleaned))


def threads(folder):
    return [Thread(path) for path in glob.glob(f"{folder}/callgrind*") if pathlib.Path(path).stat().st_size > 0]


def loops(folder):
    """The event loop's thread of each dump, by what triggered it."""
    found = {}
    for thread in threads(folder):
        if "." in thread.trigger and any("SelectableEventLoop" in name for name in thread.own):
            before = found.get(thread.trigger)
            if before is None or thread.total > before.total:
                found[thread.trigger] = thread
    return found


def counted(folder):
    figures = {}
    for trigger, thread in loops(folder).items():
        name, _, requests = trigger.partition(".")
        demangled = demangle({name for pair in thread.calls for name in pair} | set(thread.own))
        units = int(requests) * (EVENTS if name == "stream" else 1)
        of_row = {"instructions": thread.total / units, "allocations": thread.allocations() / units}
        for part, pattern in PARTS.items():
            cost = thread.inside(pattern, demangled) / units
            if cost > of_row["instructions"] / 200:
                of_row[part] = cost
        figures[name] = {part: round(cost, 1) for part, cost in of_row.items()}
    return figures


def compare(figures, budgets):
    """Prints both; false where something costs more than it may."""
    is_kept = True
    print(f"\n{'':36}{'counted':>12}{'budget':>12}")
    for row, parts in figures.items():
        unit = "an event" if row == "stream" else "a request"
        for part, cost in parts.items():
            budget = budgets.get(row, {}).get(part)
            is_over = budget is not None and cost > budget * (1 + TOLERANCE) + 0.5
            mark = "" if budget is None else "✗" if is_over else "✓"
            is_kept = is_kept and not is_over
            title = f"{row}: {part} {unit}"
            print(f"{title:36}{cost:>12,.1f}{budget or 0:>12,.1f}  {mark}")
        for part in sorted(budgets.get(row, {}).keys() - parts.keys()):
            # What is hardly anything is told in one run and not in the next.
            if budgets[row][part] < budgets[row]["instructions"] / 100 and part != "allocations":
                continue
            is_kept = False
            print(f"{row}: {part} was not counted; where its functions have new names, PARTS wants them  ✗")
    return is_kept


def write_hot_functions(folder, program):
    """The program's own functions that ran while requests were served, on whatever thread, busiest first."""
    names = subprocess.run(["nm", "--defined-only", "--format=just-symbols", program], capture_output=True, text=True, check=True)
    own = set(names.stdout.split())
    counts = collections.Counter()
    for thread in threads(folder):
        for name, count in thread.own.items():
            counts[plain(name)] += count
    hot = [name for name, _ in counts.most_common() if name in own]
    HOT_FUNCTIONS.write_text("\n".join(hot) + "\n")
    print(f"{len(hot)} functions are in {HOT_FUNCTIONS.name}")


def make_writable(library, copy):
    """Sets the bit that allows writing (PF_W) on every segment of a 64-bit ELF file that is loaded (elf(5))."""
    data = bytearray(pathlib.Path(library).read_bytes())
    (offset,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    for header in range(offset, offset + size * count, size):
        kind, flags = struct.unpack_from("<II", data, header)
        if kind == 1:
            struct.pack_into("<I", data, header + 4, flags | 2)
    pathlib.Path(copy).write_bytes(data)


def main():
    parser = argparse.ArgumentParser(prog="deploy/budgets", add_help=False)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--counts")
    parser.add_argument("--kind", choices=["debug", "release"], default="release")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--order", action="store_true")
    parser.add_argument("--program")
    parser.add_argument("--make-writable")
    parser.add_argument("--into")
    given = parser.parse_args()
    if given.check:
        return
    if given.make_writable:
        return make_writable(given.make_writable, given.into)
    if given.order:
        write_hot_functions(given.counts, given.program)
    figures = counted(given.counts)
    if set(figures) != {"whole", "stream"}:
        sys.exit(f"✗ nothing was counted for {sorted({'whole', 'stream'} - set(figures))}")
    budgets = json.loads(BUDGETS.read_text()) if BUDGETS.exists() else {}
    if given.update:
        budgets[given.kind] = figures
        BUDGETS.write_text(json.dumps(budgets, indent=2, sort_keys=True) + "\n")
    if given.kind not in budgets:
        sys.exit(f"✗ deploy/budgets.json has no numbers of {given.kind} builds; --update writes them")
    if not compare(figures, budgets[given.kind]):
        sys.exit(f"\n✗ a request costs more than its budget allows ({TOLERANCE:.0%} above it), or a part was not counted")


main()
