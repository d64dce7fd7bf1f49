"""Many nodes race for the end of a hard budget. Run by deploy/race, in a house that bench-house.sh has started.

Each round has a budget of its own, of $1.00, for the requests that say its name as their task. Callers ask until they are
told that it is used up; meanwhile nodes are killed and started again. What is checked:

* at every commit of the control plane's database: posted + pending is not above the amount (a trigger looks);
* at the last refusal less was left than the refused request could cost;
* in the end nothing is pending.
"""
import argparse
import asyncio
import json
import os
import random
import sqlite3
import sys
import time

from fleet import Admin, Node, wait_until
from house import House

DOLLAR = 1_000_000_000
INPUT_RATE, OUTPUT_RATE = 100, 400  # nano-dollars a token, as bench-house.sh prices its models
OUTPUT_MAX, BODY_MAX = 4_096, 1_000  # tokens and bytes of one request
KILL_EVERY = 3.0
PENDING_SECONDS = 180
REFUSALS = 3


def arguments():
    parser = argparse.ArgumentParser(prog="deploy/race")
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--nodes", type=int, default=8)
    parser.add_argument("--callers", type=int, default=400)
    parser.add_argument("--worst", type=float, default=0.002)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--json")
    parser.add_argument("--house")
    parser.add_argument("--place")
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    if asked.repeats < 1 or asked.nodes < 1 or asked.callers < 1 or not 0 < asked.worst <= 0.1:
        parser.error("repeats, nodes and callers are 1 or more; worst is above 0 and at most 0.1")
    return asked


class Ledger:
    """What the control plane has on its disk, and a trigger that sees every commit."""

    def __init__(self, place):
        self.database = sqlite3.connect(os.path.join(place, "control.sqlite"), timeout=30, isolation_level=None)
        self.database.executescript("""
            CREATE TABLE IF NOT EXISTS raceBreach (budget TEXT, posted INTEGER, pending INTEGER);
            CREATE TRIGGER IF NOT EXISTS raceBreaches AFTER UPDATE ON budgetAccount
            WHEN NEW.posted + NEW.pending > NEW.amount
            BEGIN INSERT INTO raceBreach VALUES (NEW.budget, NEW.posted, NEW.pending); END;
        """)

    def account(self, budget):
        row = self.database.execute(
            "SELECT posted, pending, unconfirmed FROM budgetAccount WHERE budget = ?", (budget,)).fetchone()
        return row or (0, 0, 0)

    def breaches(self, budget):
        return self.database.execute(
            "SELECT count(*), max(posted + pending) FROM raceBreach WHERE budget = ?", (budget,)).fetchone()

    def pending(self):
        return self.database.execute("SELECT coalesce(sum(pending), 0) FROM budgetAccount").fetchone()[0]


class Round:
    def __init__(self, house, ledger, nodes, budget, asked):
        self.house, self.ledger, self.nodes, self.budget, self.asked = house, ledger, nodes, budget, asked
        self.random = random.Random(f"{asked.seed} {budget}")
        # What one answer may cost at most is the model's; dearer requests ask for several.
        self.choices = max(1, int(asked.worst * DOLLAR / (OUTPUT_MAX * OUTPUT_RATE + BODY_MAX * INPUT_RATE)))
        self.statuses, self.unanswered, self.hung_up = {}, 0, 0
        self.kills = 0
        self.is_over = False

    async def run(self):
        began = time.monotonic()
        killer = asyncio.create_task(self.kill())
        await asyncio.gather(*(self.call() for _ in range(self.asked.callers)))
        self.is_over = True
        await killer
        return time.monotonic() - began

    async def kill(self):
        while not self.is_over:
            await asyncio.sleep(KILL_EVERY)
            if self.is_over:
                return
            node = self.random.choice(self.nodes)
            await asyncio.to_thread(node.kill)
            self.kills += 1
            await asyncio.sleep(0.5)
            node.start()

    async def call(self):
        """One caller: asks until it is told several times that the budget is used up."""
        refusals = 0
        while refusals < REFUSALS:
            status = await self.ask(self.random.choice(self.nodes))
            if status is None:
                self.unanswered += 1
                await asyncio.sleep(0.1)
                continue
            self.statuses[status] = self.statuses.get(status, 0) + 1
            if status == 402:
                refusals += 1
                await asyncio.sleep(0.2)
            elif status in (429, 503):
                await asyncio.sleep(0.3)
            else:
                refusals = 0

    async def ask(self, node):
        """The status; None where there was no answer."""
        is_stream = self.random.random() < 0.5
        hangs_up = self.random.random() < 0.05
        body = json.dumps({
            "model": "race", "n": self.choices, "stream": is_stream,
            "messages": [{"role": "user", "content": "word " * self.random.randrange(1, 60)}],
        }).encode()
        head = (
            f"POST /v1/chat/completions HTTP/1.1\r\nhost: race\r\nconnection: close\r\n"
            f"authorization: Bearer {self.house.about['key']}\r\ncontent-type: application/json\r\n"
            f"martlet-task: {self.budget}\r\ncontent-length: {len(body)}\r\n\r\n").encode()
        writer = None
        try:
            reader, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", node.port), 5)
            writer.write(head + body)
            line = await asyncio.wait_for(reader.readline(), 30)
            if not line:
                return None
            if hangs_up:
                self.hung_up += 1
            else:
                await asyncio.wait_for(reader.read(), 60)
            return int(line.split()[1])
        except (OSError, asyncio.TimeoutError, ValueError, IndexError):
            return None
        finally:
            if writer:
                writer.close()

    def report(self, seconds):
        posted, pending, unconfirmed = self.ledger.account(self.budget)
        breaches, most = self.ledger.breaches(self.budget)
        return {
            "budget": self.budget, "seconds": round(seconds, 1), "statuses": self.statuses, "kills": self.kills,
            "unanswered": self.unanswered, "hungUp": self.hung_up, "posted": posted / DOLLAR,
            "pending": pending / DOLLAR, "unconfirmed": unconfirmed / DOLLAR, "breaches": breaches,
            "most": (most or 0) / DOLLAR,
        }


async def race(asked):
    house = House(asked.house)
    admin, ledger = Admin(house), Ledger(asked.place)
    token = admin.send("POST", "/nodes/tokens", {"uses": asked.nodes})["token"]
    nodes = [Node(house, asked.place, f"race-node-{number}", token) for number in range(asked.nodes)]
    flaws, reports = [], []
    try:
        for node in nodes:
            node.start()
        wait_until("not all nodes were ready", 120, lambda: all(node.is_ready() for node in nodes))
        for number in range(1, asked.repeats + 1):
            budget = f"race-{number}"
            admin.send("POST", "/budgets", {
                "name": budget, "scope": {"task": budget}, "amount": "1.00", "window": "total"})
            await asyncio.sleep(3)
            one = Round(house, ledger, nodes, budget, asked)
            seconds = await one.run()
            # What nodes had in their spools when the last caller was told.
            await asyncio.sleep(3)
            report = one.report(seconds)
            reports.append(report)
            print(json.dumps(report), flush=True)
            flaws += judge(report, asked)
        wait_until("something stays pending", PENDING_SECONDS, lambda: ledger.pending() == 0)
        for report in reports:
            posted, pending, unconfirmed = ledger.account(report["budget"])
            report["postedInTheEnd"], report["unconfirmedInTheEnd"] = posted / DOLLAR, unconfirmed / DOLLAR
    finally:
        for node in nodes:
            node.stop()
    if asked.json:
        with open(asked.json, "w") as file:
            json.dump({"rounds": reports, "flaws": flaws}, file, indent=1)
    return flaws


def judge(report, asked):
    flaws = []
    if report["breaches"]:
        flaws.append(f"{report['budget']}: ${report['most']} was posted or pending of $1.00")
    if report["posted"] + report["pending"] + asked.worst < 1:
        flaws.append(f"{report['budget']}: only ${report['posted']} was used at the last refusal")
    return flaws


def main():
    asked = arguments()
    if asked.check:
        return
    flaws = asyncio.run(race(asked))
    for flaw in flaws:
        print(f"deploy/race: {flaw}", file=sys.stderr)
    raise SystemExit(1 if flaws else 0)


main()
