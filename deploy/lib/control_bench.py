"""Measures what a control plane takes from its nodes: control_bench.py --house FILE, as deploy/bench-control writes it.

Stand-ins for nodes are enrolled as nodes are, and sign what they say. All requests are made before they are sent, from one
thread, over one keep-alive connection a boot, one after another: Python's time does not count, and its share of a core is
shown. How many are needed is measured first. A grant is a loan that stands on the disk: the answer's `granted` has grown.
Afterwards the database must hold what was sent and answered, to the last nano-dollar.
"""
import argparse
import decimal
import json
import os
import sqlite3
import sys
import urllib.request

import house as common
import lending_bench
import lines
import usage_bench
from node_calls import Node

FLOOR = 20_000
# `first`: so many calls of each boot show how many are needed.
ROWS = {
    "grants": dict(title=f"grants/s, {usage_bench.TEAMS} leases a call", first=20),
    "usage": dict(title=f"usage events/s, {usage_bench.BATCH} a batch", first=2),
}
# More than it was measured to need, as a second look may be faster than the first.
RESERVE = 1.6
SMOKE_SECONDS, SMOKE_BOOTS = 1, 4
NANO = 1_000_000_000


def arguments():
    parser = argparse.ArgumentParser(prog="deploy/bench-control", add_help=False)
    parser.add_argument("--house")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--only", default=",".join(ROWS))
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--boots", type=int, default=32)
    parser.add_argument("--users", type=int, default=1)
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--expect", action="store_true")
    parser.add_argument("--json")
    given = parser.parse_args()
    given.rows = [row for row in ROWS if row in given.only.split(",")]
    unknown = set(given.only.split(",")) - set(ROWS)
    if unknown:
        parser.error(f"--only takes {','.join(ROWS)}; not {','.join(sorted(unknown))}")
    if given.seconds <= 0 or given.boots < 1 or given.users < 1:
        parser.error("--seconds is above 0, --boots and --users are 1 or more")
    if given.smoke:
        given.seconds, given.boots = SMOKE_SECONDS, min(given.boots, SMOKE_BOOTS)
    return given


class House(common.House):
    @property
    def port(self):
        return self.about["nodes"]

    def admin(self, path, body=None):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.about['admin']}/v1{path}",
            data=json.dumps(body).encode() if body is not None else None,
            headers={"authorization": f"Bearer {self.about['token']}", "content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())

    def processor_seconds(self):
        """Of the whole process, which knows those of threads that have ended; and by thread."""
        ticks = common.read(f"/proc/{self.about['pid']}/stat").rpartition(")")[2].split()[11:13]
        threads = {task: ns / NANO for task, ns in common.processor_ns(self.about["pid"]).items()}
        return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK"), threads

    def rows(self, sql, *values):
        with sqlite3.connect(f"file:{self.about['database']}?mode=ro", uri=True, timeout=60) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(sql, values)]


def settle_in(house, count):
    """Budgets, nodes, and leases of each budget for each node."""
    budgets = [f"budget-{index:02}" for index in range(usage_bench.TEAMS)]
    for index, name in enumerate(budgets):
        team = usage_bench.team(index)
        house.admin("/teams", {"name": team, "metadata": {"data_class": "internal"}})
        house.admin("/budgets", {"name": name, "scope": {"team": team}, "amount": "1000000.00", "window": "total"})
    join_token = house.admin("/nodes/tokens", {"uses": count})["token"]
    nodes = [Node(f"bench-{index}") for index in range(count)]
    for node in nodes:
        node.enrolled(lines.answer(house.port, node.enrolment(join_token)))
    borrowers = [lending_bench.Borrower(node, budgets) for node in nodes]
    # The first ones were lent what the others are to have.
    for _ in range(3):
        for borrower in borrowers:
            borrower.borrow(house.port)
    return borrowers


def measured(house, row, seconds, measure, speakers):
    """`measure` is one of lending_bench or usage_bench, and `speakers` whom it measures by."""
    first_count = ROWS[row]["first"] * len(speakers)
    first, _ = measure(house.port, speakers, first_count, float("inf"))
    needed = int(first.count / first.seconds * seconds * RESERVE) + first_count
    before, threads_before = house.processor_seconds()
    run, units = measure(house.port, speakers, needed, seconds)
    after, threads = house.processor_seconds()
    if run.seconds < seconds:
        print(f"  {row}: all that was prepared was answered within {run.seconds:.1f} s", flush=True)
    return {
        "row": row, "title": ROWS[row]["title"], "rate": units / run.seconds, "floor": FLOOR,
        "holds": units / run.seconds >= FLOOR, "seconds": run.seconds, "calls": run.count, "units": units,
        "p50_ms": run.quantile_ms(0.5), "p99_ms": run.quantile_ms(0.99),
        "cpu_us": (after - before) * 1e6 / units, "cores": (after - before) / run.seconds,
        # Near 1 everything else waits for it: one thread writes at a time. A low number says little: it may be another one
        # each time.
        "busiest_core": max(own - threads_before.get(task, 0) for task, own in threads.items()) / run.seconds,
        "driver_cores": run.own_share,
    }


class Comparison:
    """What should be equal, and what of it is not."""

    def __init__(self):
        self.count, self.flaws = 0, []

    def expect(self, what, found, sent):
        self.count += 1
        if found != sent:
            self.flaws.append(f"{what}: {found}, which should be {sent}")

    def expect_at_most(self, what, found, limit):
        self.count += 1
        if found > limit:
            self.flaws.append(f"{what}: {found}, which is above {limit}")


def compare_lending(house, borrowers, streams, comparison):
    """Leases as the answers said, and accounts as their leases add up."""
    posted = {stream.node.boot: stream.posted for stream in streams}
    kept = {(row["boot"], row["number"]): row for row in house.rows("SELECT * FROM lease")}
    comparison.expect("leases", len(kept), sum(len(borrower.leases) for borrower in borrowers))
    for borrower in borrowers:
        boot = borrower.node.boot
        for id, lease in borrower.leases.items():
            row = kept.get((boot, id), {})
            of_usage = posted[boot][id] if boot in posted else 0
            for name, value in [("granted", lease.granted), ("returned", lease.returned), ("used", lease.used),
                                ("posted", of_usage), ("isOpen", 1)]:
                comparison.expect(f"{name} of {boot}'s lease {id}", row.get(name), value)
    accounts = house.rows("""
        SELECT budget, amount, posted, pending, unconfirmed,
            (SELECT sum(max(0, granted - returned - posted)) FROM lease WHERE account = id AND isOpen) AS open,
            (SELECT sum(posted) FROM lease WHERE account = id) AS paid,
            (SELECT coalesce(sum(posted), 0) FROM budgetSpend WHERE account = id) AS spend
        FROM budgetAccount""")
    comparison.expect("accounts", len(accounts), usage_bench.TEAMS)
    for row in accounts:
        name = row["budget"]
        comparison.expect(f"pending of {name}", row["pending"], row["open"])
        comparison.expect(f"posted to {name}", row["posted"], row["paid"])
        comparison.expect(f"quarters of {name}", row["spend"], row["paid"])
        comparison.expect(f"unconfirmed of {name}", row["unconfirmed"], 0)
        comparison.expect_at_most(f"posted and pending of {name}", row["posted"] + row["pending"], row["amount"])


def compare_usage(house, streams, comparison):
    sent = {name: sum(stream.sums[name] for stream in streams)
            for name in ("events", "failed", "inputTokens", "cachedInputTokens", "outputTokens", "cost")}
    (found,) = house.rows("""
        SELECT count(*) AS events, sum(outcome = 'failed') AS failed, sum(inputTokens) AS inputTokens,
            sum(cachedInputTokens) AS cachedInputTokens, sum(outputTokens) AS outputTokens,
            sum(costNanoDollars) AS cost, count(expectedNanoDollars) AS mismatches FROM usageEvent""")
    comparison.expect("costs that are not what the price gives", found.pop("mismatches"), 0)
    for table in ("usageUnreadable", "usageLost"):
        comparison.expect(table, house.rows(f"SELECT count(*) AS rows FROM {table}")[0]["rows"], 0)
    report = house.admin("/usage?by=team")["rows"]
    told = {name: sum(row[name] or 0 for row in report) for name in sent if name.endswith("Tokens")}
    told["events"] = sum(row["attempts"] for row in report)
    told["failed"] = sum(row["failed"] for row in report)
    told["cost"] = int(sum(decimal.Decimal(row["costUsd"]) for row in report) * NANO)
    for name, value in sent.items():
        comparison.expect(f"{name} in the database", found[name], value)
        comparison.expect(f"{name} of GET /v1/usage", told[name], value)


def table(results):
    print(f"\n{'':34}{'a second':>10}{'floor':>9}  {'p50 ms':>9}{'p99 ms':>8}{'CPU µs':>8}")
    for each in results:
        mark = "✓" if each["holds"] else "✗"
        figures = f"{each['p50_ms']:9.1f}{each['p99_ms']:8.1f}{each['cpu_us']:8.1f}"
        print(f"{each['title']:34}{each['rate']:10,.0f}{each['floor']:9,} {mark}{figures}")
    print()
    for each in results:
        print(f"{each['row']}: {each['cores']:.2f} cores, of which its busiest thread has {each['busiest_core']:.2f}; "
              f"the driver has {each['driver_cores']:.2f}")


def main():
    given = arguments()
    if given.check:
        return
    house, comparison = House(given.house), Comparison()
    borrowers = settle_in(house, given.boots)
    results, streams = [], []
    if "grants" in given.rows:
        results.append(measured(house, "grants", given.seconds, lending_bench.measure, borrowers))
        comparison.expect("grants", results[0]["units"], results[0]["calls"] * usage_bench.TEAMS)
        compare_lending(house, borrowers, streams, comparison)
    if "usage" in given.rows:
        kinds = usage_bench.shapes(given.users)
        streams = [usage_bench.Stream(borrower, kinds) for borrower in borrowers]
        results.append(measured(house, "usage", given.seconds, usage_bench.measure, streams))
        compare_usage(house, streams, comparison)
        compare_lending(house, borrowers, streams, comparison)
    table(results)
    if comparison.flaws:
        print(f"✗ {len(comparison.flaws)} of {comparison.count} totals differ:", *comparison.flaws[:20], sep="\n  ")
    else:
        print(f"✓ all {comparison.count} totals are what was sent and answered")
    if given.json:
        with open(given.json, "w") as file:
            json.dump({"results": results, "totals": comparison.count, "flaws": comparison.flaws}, file, indent=1)
    is_fast = all(each["holds"] for each in results)
    sys.exit(1 if comparison.flaws or given.expect and not is_fast else 0)


main()
