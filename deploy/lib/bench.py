"""Measures a node beside nginx, in rounds: bench.py --house FILE, as deploy/bench writes it.

Every row is measured for each way in turn, round after round, so that whatever else the machine does falls on all of
them alike. A ratio is the median of the rounds' own ratios. Processor time is what the kernel has accounted to all
threads of the proxy, in nanoseconds, over requests that the load has counted one by one; a run with one failed request
does not count as a run.
"""
import argparse
import glob
import json
import statistics
import subprocess
import sys
import time

import house as common
from house import read

# What a full and a quick round asks for: requests, or seconds. A row in slices is measured several times a round, so
# that a machine which stands still for a moment spoils one slice and not the round.
ROWS = {
    "held": dict(title="2,000 open streams, memory", unit="MB", target=80, full=4, quick=3),
    "1k": dict(title="1 KB whole, CPU a request", unit="µs", target=1.6, full=60_000, quick=20_000),
    "100k": dict(title="100 KB whole, CPU a request", unit="µs", target=1.5, full=6_000, quick=3_000),
    "stream": dict(title="streamed event, CPU, 512 streams", unit="µs", target=1.2, full=1_024, quick=512),
    "rate": dict(title="200 requests/s, added p99", unit="ms", target=0.5, full=2, quick=2, slices=5),
}
WAYS = ["direct", "nginx", "node"]
HELD = 2_000
# A fiftieth of a core over the 0.2 s between two looks.
IDLE_NS = 4_000_000
SETTLE_SECONDS = 20


def arguments():
    parser = argparse.ArgumentParser(prog="deploy/bench", add_help=False)
    parser.add_argument("--house")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--only", default=",".join(ROWS))
    parser.add_argument("--json")
    given = parser.parse_args()
    given.rows = [row for row in ROWS if row in given.only.split(",")]
    unknown = set(given.only.split(",")) - set(ROWS)
    if unknown:
        parser.error(f"--only takes {','.join(ROWS)}; not {','.join(sorted(unknown))}")
    given.rounds = given.rounds if given.rounds is not None else 3 if given.quick else 5
    if given.rounds < 1:
        parser.error("--rounds is 1 or more")
    return given


class House(common.House):
    def url(self, way, is_stream):
        port = self.about["provider" if way == "direct" else way]
        # nginx passes streams on as they come only where it is told to.
        path = "/streams/chat" if way == "nginx" and is_stream else "/v1/chat/completions"
        return f"http://127.0.0.1:{port}{path}"

    def command(self, way, route, options, is_stream):
        model = route if way == "node" else self.about["models"][route]
        return self.simulator("load", "--url", self.url(way, is_stream), "--model", model, *options)

    def load(self, way, route, options, is_stream=False):
        done = subprocess.run(
            self.command(way, route, options, is_stream), capture_output=True, text=True, env=self.environment()
        )
        if done.returncode != 0:
            sys.exit(f"✗ {way}: a load did not go through: {done.stdout or done.stderr}")
        return json.loads(done.stdout.splitlines()[-1])

    def processes(self, way):
        """The proxy's process and its children."""
        first = self.about["pids"][way]
        stats = glob.glob("/proc/[0-9]*/stat")
        children = [int(path.split("/")[2]) for path in stats if parent(path) == first]
        return [first, *children]

    def processor_ns(self, way):
        """By thread. Threads of a proxy do not end while it is measured."""
        if way == "direct":
            return {}
        return {task: ns for pid in self.processes(way) for task, ns in common.processor_ns(pid).items()}

    def settled(self, way):
        """What the proxy has used once it is idle again: usage that is still on its way belongs to what was measured.

        Waits for the control plane too, which books that usage and would otherwise be at it during the next measurement.
        """
        end = time.monotonic() + SETTLE_SECONDS
        for each in (way, "control"):
            now = self.processor_ns(each)
            while each != "direct" and time.monotonic() < end:
                time.sleep(0.2)
                before, now = now, self.processor_ns(each)
                if sum(now.values()) - sum(before.values()) < IDLE_NS:
                    break
        return self.processor_ns(way)

    def memory_mb(self, way):
        return sum(common.status(pid, "VmRSS")[0] for pid in self.processes(way)) / 1024


def parent(path):
    try:
        return int(read(path).rpartition(")")[2].split()[1])
    except OSError:
        return 0  # It has ended meanwhile.


def measured(house, row, way, amount):
    """One measurement: what the load saw, and what the proxy used meanwhile."""
    if row == "held":
        return held(house, way, amount)
    is_stream = row == "stream"
    route = "events" if is_stream else "whole"
    options = {
        "1k": ["--connections", "64", "--requests", str(amount), "--body-bytes", "1024"],
        "100k": ["--connections", "64", "--requests", str(amount), "--body-bytes", "102400"],
        "stream": ["--connections", "512", "--requests", str(amount), "--body-bytes", "1024", "--stream"],
        "rate": ["--connections", "16", "--rate", "200", "--seconds", str(amount), "--body-bytes", "1024"],
    }[row]
    before = house.processor_ns(way)
    report = house.load(way, route, options, is_stream)
    used = {task: ns - before.get(task, 0) for task, ns in house.settled(way).items()}
    if row != "rate" and report["requests"] != amount:
        sys.exit(f"✗ {way}: {report['requests']} answers to {amount} requests")
    units = report["events"] if is_stream else report["requests"]
    report["cpu_us"] = sum(used.values()) / 1000 / units
    # The event loop: a node's other threads write and send its usage.
    report["loop_us"] = max(used.values(), default=0) / 1000 / units
    return report


def held(house, way, seconds):
    before = house.memory_mb(way)
    options = ["--hold", "--connections", str(HELD), "--seconds", str(seconds), "--body-bytes", "1024"]
    load = subprocess.Popen(
        house.command(way, "held", options, True), stdout=subprocess.PIPE, text=True, env=house.environment()
    )
    line = load.stdout.readline()
    if not line.startswith("holding"):
        sys.exit(f"✗ {way}: could not open {HELD} streams: {line}")
    during = house.memory_mb(way)
    rest = load.stdout.read()
    if load.wait() != 0:
        sys.exit(f"✗ {way}: held streams broke: {rest}")
    return {"before_mb": before, "held_mb": during}


def figure(row, way, of_round):
    """The number that a row is about."""
    if row == "held":
        return of_round[way]["held_mb"]
    if row == "rate":
        return (of_round[way]["p99"] - of_round["direct"]["p99"]) / 1000
    return of_round[way]["cpu_us"]


def ways(row):
    return [way for way in WAYS if row != "held" or way != "direct"]


def one_round(house, given, row, number, part):
    amount = ROWS[row]["quick" if given.quick else "full"]
    first = (number + part) % len(ways(row))
    order = ways(row)[first:] + ways(row)[:first]
    of_round = {way: measured(house, row, way, amount) for way in order}
    said = "  ".join(f"{way} {figure(row, way, of_round):.2f}" for way in ways(row) if way != "direct")
    print(f"  round {number + 1}  {ROWS[row]['title']}: {said} {ROWS[row]['unit']}", flush=True)
    return {"row": row, "round": number, "ways": of_round}


def run(house, given):
    rounds = []
    # Memory first: later rows would leave their own high-water mark in it.
    for phase in [[row for row in given.rows if row == "held"], [row for row in given.rows if row != "held"]]:
        for way in WAYS if phase else []:
            house.load(way, "whole", ["--requests", "2000"])
        for number in range(given.rounds if phase else 0):
            for row in phase:
                for part in range(ROWS[row].get("slices", 1)):
                    rounds.append(one_round(house, given, row, number, part))
    return rounds


def middle_figure(row, way, of_row):
    if row != "rate":
        return statistics.median(figure(row, way, each) for each in of_row)
    # The difference of two medians: the median of differences would take every stall of either side.
    p99 = {each: statistics.median(one[each]["p99"] for one in of_row) for each in ("direct", way)}
    return (p99[way] - p99["direct"]) / 1000


def summary(rounds, row):
    of_row = [each["ways"] for each in rounds if each["row"] == row]
    about = ROWS[row]
    middle = {way: middle_figure(row, way, of_row) for way in ("nginx", "node")}
    ratio = statistics.median(figure(row, "node", each) / figure(row, "nginx", each) for each in of_row)
    is_ratio = row not in ("held", "rate")
    result = {
        "row": row,
        "title": about["title"],
        "unit": about["unit"],
        "nginx": middle["nginx"],
        "node": middle["node"],
        "ratio": ratio if row != "rate" else None,
        "target": f"≤ {about['target']} × nginx" if is_ratio else f"≤ {about['target']} {about['unit']}",
        "holds": (ratio if is_ratio else middle["node"]) <= about["target"],
    }
    if row != "held":
        for way in WAYS:
            for name in ("p50", "p99", "requests_per_second", "loop_us"):
                result[f"{way}_{name}"] = statistics.median(each[way][name] for each in of_row)
    return result


def table(results):
    print(f"\n{'':34}{'nginx':>9}{'node':>9}     {'ratio':>6}  {'target':15}")
    for each in results:
        ratio = f"{each['ratio']:6.2f}" if each["ratio"] is not None else "     –"
        mark = "✓" if each["holds"] else "✗"
        figures = f"{each['nginx']:9.2f}{each['node']:9.2f} {each['unit']:3} {ratio}"
        print(f"{each['title']:34}{figures}  {each['target']:15}{mark}")
    for each in results:
        if each["row"] == "rate":
            said = ", ".join(f"{way} {each[way + '_p50']:.0f}/{each[way + '_p99']:.0f}" for way in WAYS)
            print(f"\np50/p99 at 200 requests/s in µs: {said}")
        elif each["row"] != "held":
            said = ", ".join(f"{way} {each[way + '_requests_per_second']:.0f}" for way in WAYS)
            loop = f"{each['node_loop_us']:.1f} of {each['node']:.1f} µs on the node's event loop"
            print(f"{each['row']}: {loop}; requests/s {said}")


def main():
    given = arguments()
    if given.check:
        return
    house = House(given.house)
    rounds = run(house, given)
    results = [summary(rounds, row) for row in given.rows]
    table(results)
    if given.json:
        with open(given.json, "w") as file:
            json.dump({"results": results, "rounds": rounds}, file, indent=1)


main()
