"""A limit of requests a minute over several nodes. Run by deploy/rates, in a house that bench-house.sh has started.

Each node is asked at a pace of its own, and callers do not mind being refused. What is let through is counted by whole
minutes from the second on: never more than the limit and one for each node, and at least 98 in 100 of the limit.
"""
import argparse
import asyncio
import json
import random
import sys
import time

from fleet import Admin, Node, wait_until
from house import House

# What was told before the control plane started has ended by then, as far as it knows.
LEARNS_SECONDS = 17


def arguments():
    parser = argparse.ArgumentParser(prog="deploy/rates")
    parser.add_argument("--minutes", type=int, default=3)
    parser.add_argument("--limit", type=int, default=600)
    parser.add_argument("--loads", default="1500,900,600,300")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--json")
    parser.add_argument("--house")
    parser.add_argument("--place")
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    try:
        asked.loads = [int(load) for load in asked.loads.split(",")]
    except ValueError:
        parser.error("loads are whole numbers with commas")
    if asked.minutes < 1 or asked.limit < 1 or not 1 <= len(asked.loads) <= 32 or min(asked.loads) < 1:
        parser.error("minutes, limit and loads are 1 or more, and there are at most 32 loads")
    return asked


class Load:
    def __init__(self, house, nodes, asked):
        self.house, self.nodes, self.asked = house, nodes, asked
        self.random = random.Random(asked.seed)
        self.minutes = [[0] * len(nodes) for _ in range(asked.minutes + 1)]
        self.statuses, self.refusal = {}, None

    async def run(self):
        self.began = time.monotonic()
        await asyncio.gather(*(self.press(index) for index in range(len(self.nodes))))

    async def press(self, index):
        """Asks at a steady pace that is not in step with anything, without waiting for answers."""
        end = self.began + 60 * len(self.minutes)
        due = self.began
        pending = set()
        while (due := due + 60 / self.asked.loads[index] * self.random.uniform(0.5, 1.5)) < end:
            await asyncio.sleep(max(due - time.monotonic(), 0))
            task = asyncio.create_task(self.ask(index))
            pending.add(task)
            task.add_done_callback(pending.discard)
        await asyncio.gather(*pending)

    async def ask(self, index):
        body = json.dumps({"model": "rates", "max_tokens": 10, "messages": [{"role": "user", "content": "word"}]}).encode()
        head = (
            f"POST /v1/chat/completions HTTP/1.1\r\nhost: rates\r\nconnection: close\r\n"
            f"authorization: Bearer {self.house.about['key']}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\n\r\n").encode()
        writer, status, answer = None, "none", b""
        asked_at = time.monotonic()
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.nodes[index].port)
            writer.write(head + body)
            answer = await asyncio.wait_for(reader.read(), 30)
            status = int(answer.split(None, 2)[1])
        except (OSError, asyncio.TimeoutError, ValueError, IndexError):
            pass
        finally:
            if writer:
                writer.close()
        self.statuses[status] = self.statuses.get(status, 0) + 1
        if status == 200:
            self.minutes[min(int((asked_at - self.began) // 60), len(self.minutes) - 1)][index] += 1
        elif status == 429 and self.refusal is None:
            self.refusal = answer.decode(errors="replace")


async def rates(asked):
    house = House(asked.house)
    admin = Admin(house)
    token = admin.send("POST", "/nodes/tokens", {"uses": len(asked.loads)})["token"]
    admin.send("POST", "/limits", {"name": "rates", "requestsPerMinute": asked.limit})
    nodes = [Node(house, asked.place, f"rates-node-{number}", token) for number in range(len(asked.loads))]
    try:
        for node in nodes:
            node.start()
        wait_until("not all nodes were ready", 120, lambda: all(node.is_ready() for node in nodes))
        await asyncio.sleep(LEARNS_SECONDS)
        load = Load(house, nodes, asked)
        await load.run()
    finally:
        for node in nodes:
            node.stop()
    minutes = [{"admitted": sum(each), "ofNodes": each} for each in load.minutes]
    print(load.refusal)
    for minute in minutes:
        print(json.dumps(minute), flush=True)
    print(json.dumps({"statuses": load.statuses}))
    flaws = judge(asked, minutes[1:], load.statuses)
    if asked.json:
        with open(asked.json, "w") as file:
            json.dump({"minutes": minutes, "statuses": load.statuses, "flaws": flaws}, file, indent=1)
    return flaws


def judge(asked, minutes, statuses):
    most, least = asked.limit + len(asked.loads), asked.limit * 98 // 100
    is_pressed = min(asked.loads) * len(asked.loads) > asked.limit
    flaws = [f"{minute['admitted']} in a minute, over {most}" for minute in minutes if minute["admitted"] > most]
    if is_pressed:
        flaws += [f"{minute['admitted']} in a minute, below {least}" for minute in minutes if minute["admitted"] < least]
    strange = {status: count for status, count in statuses.items() if status not in (200, 429)}
    return flaws + ([f"other answers: {strange}"] if strange else [])


def main():
    asked = arguments()
    if asked.check:
        return
    flaws = asyncio.run(rates(asked))
    for flaw in flaws:
        print(f"deploy/rates: {flaw}", file=sys.stderr)
    raise SystemExit(1 if flaws else 0)


main()
