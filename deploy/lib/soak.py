"""Runs a node for long under mixed traffic: soak.py --house FILE, as deploy/soak writes it.

Good traffic of four kinds runs all the time: short and long whole answers, streams, and callers that hang up in the
middle of a stream. The short ones come due at a steady rate and are measured in slices; with --attack every other slice
has hostile requests beside it, so that whatever else the machine does falls on both alike. At the end the books are
compared: what the loads saw, what the provider was asked, what the control plane counted.
"""
import argparse
import atexit
import collections
import json
import signal
import statistics
import subprocess
import sys
import time
import urllib.request

import house as common

SLICE_SECONDS = 10
SAMPLE_SECONDS = 2
RATE = 200
# Loads that run beside the measured one, by name: each asks the route of its own name.
BESIDE = {
    "bodies": ["--connections", "4", "--rate", "5", "--body-bytes", "102400"],
    "events": ["--connections", "16", "--stream"],
    "hung": ["--connections", "8", "--rate", "10", "--stream", "--hang-up-after", "5"],
}
# What p99 may lose under attack. A target that the verdict leaves out: on a machine that others use, it is theirs.
P99_MAX = 1.1
# A leak sets new highs; long bodies that come and go, each some megabytes, do not. Less than this is no new high.
RISE_KB = 512
# In less time memory has not come to its level, and the verdict leaves it out.
MEMORY_MINUTES = 5
BOOKS_SECONDS = 30


def arguments():
    parser = argparse.ArgumentParser(prog="deploy/soak", add_help=False)
    parser.add_argument("--house")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--attack", action="store_true")
    parser.add_argument("--attack-rate", type=float, default=500)
    parser.add_argument("--json-cases")
    parser.add_argument("--json")
    given = parser.parse_args()
    if given.minutes * 60 < 4 * SLICE_SECONDS:
        parser.error(f"--minutes is at least {4 * SLICE_SECONDS / 60:.1f}: four slices")
    if given.attack_rate <= 0:
        parser.error("--attack-rate is over 0")
    return given


class House(common.House):
    def begin(self, *command):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=self.environment())
        # A soak that fails leaves no load behind.
        atexit.register(process.kill)
        return process

    def load(self, route, seconds, options):
        """Begins one; its report comes at its end."""
        url = f"http://127.0.0.1:{self.about['node']}/v1/chat/completions"
        asked = ["load", "--url", url, "--model", route, "--seconds", str(seconds), "--allow-errors", *options]
        return self.begin(*self.simulator(*asked))

    def attack(self, given, number):
        """Begins one, which goes on until it is told to end. In earnest it has a machine of its own: here it runs only
        while the load does not want its core, whose latencies would otherwise be taken for the node's."""
        options = ["--requests", "1000000000", "--rate", str(given.attack_rate), "--seed", str(number)]
        # Whoever gets no core for a while must not take its own lateness for the node's.
        options += ["--patience", "60"]
        if given.json_cases:
            options += ["--json-cases", given.json_cases]
        url = f"http://127.0.0.1:{self.about['node']}"
        command = self.simulator("attack", "--url", url, "--model", "hostile", *options)
        return self.begin("chrt", "--idle", "0", *command)

    def sample(self, start):
        pid = self.about["pids"]["node"]
        memory, threads = common.status(pid, "VmRSS", "Threads")
        return {
            "seconds": time.monotonic() - start,
            "rss_kb": memory,
            "threads": threads,
            "cpu_seconds": sum(common.processor_ns(pid).values()) / 1e9,
            "files": len(common.files(pid)),
        }

    def provider_counts(self):
        return fetched(f"http://127.0.0.1:{self.about['provider']}/_sim/counts")

    def usage(self):
        """By model, without its provider."""
        url = f"http://127.0.0.1:{self.about['admin']}/v1/usage?by=model"
        rows = fetched(url, self.about["token"])["rows"]
        return {row["model"].partition("/")[2]: row for row in rows}


def fetched(url, token=None):
    request = urllib.request.Request(url, headers={"authorization": f"Bearer {token}"} if token else {})
    with urllib.request.urlopen(request, timeout=30) as reply:
        return json.load(reply)


def report(process):
    """What a load or an attack prints last; the soak ends if it has not come to print."""
    said = process.communicate()[0].splitlines()
    if not said:
        what = " ".join(process.args[:6])
        sys.exit(f"✗ a load or an attack ended without its report, with status {process.returncode}: {what} …")
    return json.loads(said[-1])


def one_slice(house, given, number, start, samples):
    is_attacked = given.attack and number % 2 == 1
    before = house.sample(start)
    attack = house.attack(given, number) if is_attacked else None
    load = house.load("whole", SLICE_SECONDS, ["--connections", "32", "--rate", str(RATE), "--body-bytes", "1024"])
    while load.poll() is None:
        samples.append(house.sample(start))
        time.sleep(SAMPLE_SECONDS)
    core = share_of_core(before, samples[-1])
    of_slice = {"attacked": is_attacked, "load": report(load), "attack": None, "core": core}
    if attack:
        attack.send_signal(signal.SIGTERM)
        of_slice["attack"] = report(attack)
    now = samples[-1]
    said = f"p50/p99 {of_slice['load']['p50']:.0f}/{of_slice['load']['p99']:.0f} µs"
    hostile = f", {of_slice['attack']['requests']} hostile" if attack else ""
    print(f"  {now['seconds']:5.0f} s  {said}, {now['rss_kb']} KB, {now['files']} files{hostile}", flush=True)
    return of_slice


def share_of_core(before, after):
    return (after["cpu_seconds"] - before["cpu_seconds"]) / max(0.001, after["seconds"] - before["seconds"])


def run(house, given):
    samples = []
    # Nobody measures a node that has not opened its connections yet.
    warm = report(house.load("whole", 5, ["--connections", "32", "--rate", str(RATE)]))
    start = time.monotonic()
    beside = {name: house.load(name, given.minutes * 60, options) for name, options in BESIDE.items()}
    slices = []
    while time.monotonic() < start + given.minutes * 60 - SLICE_SECONDS / 2:
        slices.append(one_slice(house, given, len(slices), start, samples))
    return {
        "warm": warm,
        "slices": slices,
        "samples": samples,
        "beside": {name: report(load) for name, load in beside.items()},
    }


# What is made of it.


def line_through(points):
    """Least squares: the slope, and the standard deviation of what it leaves."""
    x, y = zip(*points)
    slope, intercept = statistics.linear_regression(x, y)
    left = [value - (slope * at + intercept) for at, value in points]
    return slope, (sum(each * each for each in left) / max(1, len(left) - 2)) ** 0.5


def memory(samples):
    half = [each for each in samples if each["seconds"] >= samples[-1]["seconds"] / 2]
    slope, noise = line_through([(each["seconds"] / 60, each["rss_kb"]) for each in half])
    minutes = (half[-1]["seconds"] - half[0]["seconds"]) / 60
    # The last quarter's highest against the highest before it.
    end = samples[-1]["seconds"] * 0.75
    before, last = (max(each["rss_kb"] for each in samples if (each["seconds"] >= end) == late) for late in (False, True))
    return {
        "first_kb": samples[0]["rss_kb"],
        "last_kb": samples[-1]["rss_kb"],
        "max_kb": max(each["rss_kb"] for each in samples),
        "slope_kb_per_minute": slope,
        "noise_kb": noise,
        "growth_kb": slope * minutes,
        "rise_kb": last - before,
        "is_long_enough": samples[-1]["seconds"] >= MEMORY_MINUTES * 60 * 0.9,
        "holds": slope * minutes <= 2 * noise or last - before <= RISE_KB,
    }


def level(samples, name):
    """Of the second quarter and of the last, and whether it rose from one to the other by more than a tenth."""
    end = samples[-1]["seconds"]
    early, late = (
        statistics.median(each[name] for each in samples if begin <= each["seconds"] / end <= begin + 0.25)
        for begin in (0.25, 0.75)
    )
    return {"early": early, "late": late, "max": max(each[name] for each in samples), "holds": late <= early * 1.1 + 4}


def speed(slices):
    """The slices' medians, alone and under attack."""
    result = {}
    for way, name in ((False, "alone"), (True, "attacked")):
        of_way = [one for one in slices if one["attacked"] == way]
        if of_way:
            figures = {name: statistics.median(one["load"][name] for one in of_way) for name in ("p50", "p90", "p99")}
            result[name] = {**figures, "core": statistics.median(one["core"] for one in of_way)}
    if "attacked" in result:
        result["ratio"] = result["attacked"]["p99"] / result["alone"]["p99"]
    return result


def attacks(slices):
    kinds = collections.defaultdict(collections.Counter)
    reports = [one["attack"] for one in slices if one["attack"]]
    for each in reports:
        for kind, outcomes in each["kinds"].items():
            kinds[kind].update(outcomes)
    return {
        "requests": sum(each["requests"] for each in reports),
        "wrong": sum(each["wrong"] for each in reports),
        "examples": [example for each in reports for example in each["examples"]][:20],
        "kinds": kinds,
    }


def asked(seen):
    """What the loads sent, by route: in full, hung up on, failed."""
    loads = {"whole": [seen["warm"], *(one["load"] for one in seen["slices"])]}
    loads.update({name: [each] for name, each in seen["beside"].items()})
    return {
        route: {name: sum(each[name] for each in of_route) for name in ("requests", "hung_up", "failed")}
        for route, of_route in loads.items()
    }


def books(house, by_route):
    """What the three books say, once the usage of the last requests has come in."""
    end = time.monotonic() + BOOKS_SECONDS
    while True:
        provider, usage = house.provider_counts(), house.usage()
        flaws = disagreements(by_route, provider, usage)
        if not flaws or time.monotonic() > end:
            return {"provider": provider, "usage": usage, "flaws": flaws}
        time.sleep(1)


def disagreements(by_route, provider, usage):
    flaws = []
    total = sum(sum(each.values()) for each in by_route.values())
    if provider["requests"] != total:
        flaws.append(f"the provider was asked {provider['requests']} times, the callers asked {total} times")
    if "sim-hostile" in provider["completed_by_model"] or usage.get("hostile", {}).get("attempts", 0):
        flaws.append("a hostile request reached the provider")
    for route, each in by_route.items():
        row = usage.get(route, {"answered": 0, "failed": 0})
        # Nobody who hung up has an answer; whoever hung up behind its last event may have one.
        fewest, most = each["requests"], each["requests"] + each["hung_up"]
        if not fewest <= row["answered"] <= most or row["answered"] + row["failed"] != most:
            flaws.append(f"{route}: {each} asked, {row['answered']} answered and {row['failed']} not in the usage")
    return flaws


def table(rows):
    for name, said, holds in rows:
        print(f"{name:22}{said:74}{'' if holds is None else '✓' if holds else '✗'}")


def summary(house, given, seen):
    by_route = asked(seen)
    result = {
        "good": by_route,
        "failed": sum(each["failed"] for each in by_route.values()),
        "speed": speed(seen["slices"]),
        "memory": memory(seen["samples"]),
        "files": level(seen["samples"], "files"),
        "threads": level(seen["samples"], "threads"),
        "attack": attacks(seen["slices"]),
        "books": books(house, by_route),
    }
    is_flat = result["memory"]["holds"] or not result["memory"]["is_long_enough"]
    parts = [is_flat, result["files"]["holds"], result["threads"]["holds"]]
    result["holds"] = all(parts) and not (result["failed"] or result["attack"]["wrong"] or result["books"]["flaws"])
    return result


def print_result(given, result):
    good, held, attack = result["good"], result["memory"], result["attack"]
    answered = sum(each["requests"] for each in good.values())
    hung_up = sum(each["hung_up"] for each in good.values())
    provider, usage = result["books"]["provider"], result["books"]["usage"]
    counted = sum(row["answered"] for row in usage.values())
    memory_said = f"{held['slope_kb_per_minute']:+.0f} KB/min in the second half: {held['growth_kb']:+.0f} KB"
    is_flat = held["holds"] if held["is_long_enough"] else None
    asked_said = f"provider asked {provider['requests']} times, {counted} answered in the usage"
    rows = [
        ("good requests", f"{answered} answered, {hung_up} hung up on, {result['failed']} failed", not result["failed"]),
        ("books", asked_said, not result["books"]["flaws"]),
        ("memory", f"{memory_said}, noise {held['noise_kb']:.0f} KB", is_flat),
        ("", f"first {held['first_kb']}, last {held['last_kb']}, at most {held['max_kb']} KB", None),
        ("", f"the last quarter's highest {held['rise_kb']:+d} KB over the highest before it", None),
    ]
    for name in ("files", "threads"):
        each = result[name]
        said = f"{each['early']:.0f} in the second quarter, {each['late']:.0f} in the last, at most {each['max']}"
        rows.append((name, said, each["holds"]))
    if given.attack:
        said = f"{attack['requests']}, {attack['wrong']} answered wrongly"
        rows.append(("hostile requests", said, not attack["wrong"]))
    rows += speed_rows(result["speed"])
    print()
    table(rows)
    for flaw in result["books"]["flaws"]:
        print(f"  {flaw}")
    for example in attack["examples"]:
        print(f"  {example['kind']}: {example['outcome']}: {example['request']}")
    for kind, outcomes in sorted(attack["kinds"].items()):
        print(f"  {kind:18}" + "  ".join(f"{outcome} ×{count}" for outcome, count in outcomes.most_common()))
    print("\n✓ it held" if result["holds"] else "\n✗ it did not hold")


def speed_rows(speed):
    rows = []
    for way in ("alone", "attacked"):
        if way in speed:
            each = speed[way]
            said = "/".join(f"{each[name]:.0f}" for name in ("p50", "p90", "p99"))
            said += f" µs, the node at {each['core']:.0%} of a core"
            rows.append((f"p50/p90/p99 {way}", said, None))
    if "ratio" in speed:
        rows.append(("", f"p99 under attack × {speed['ratio']:.2f} (target ≤ {P99_MAX})", speed["ratio"] <= P99_MAX))
    return rows


def main():
    given = arguments()
    if given.check:
        return
    house = House(given.house)
    seen = run(house, given)
    result = summary(house, given, seen)
    print_result(given, result)
    if given.json:
        with open(given.json, "w") as file:
            json.dump({"result": result, "seen": seen}, file, indent=1)
    sys.exit(0 if result["holds"] else 1)


main()
