"""Grants: nodes that are busy say what they use of their leases and are lent more, as fast as the control plane answers."""
import random

import lines
from node_calls import fields, message, number, text

PATH = "/node/v1/leases"
# Of what one attempt holds, in nano-dollars: its output cap at bench-house.sh's prices, and some input.
RESERVATION = 2_000_000
# A second; minutes of it are lent while a budget is rich.
DEMAND = 1_000_000_000
HORIZON_SECONDS = 900


class Lease:
    """One boot's lease of one budget, as its node has it."""

    def __init__(self, budget, id):
        self.budget, self.id, self.window = budget, id, ""
        self.granted = self.returned = self.used = 0

    def ask(self, held=0, demand=DEMAND):
        return (text(1, self.budget) + number(3, self.id) + number(4, self.returned) + number(5, self.used)
                + number(6, held) + number(7, RESERVATION) + number(8, demand))

    def hear(self, grant):
        """Whether something was lent."""
        before, self.window = self.granted, grant[4].decode()
        self.granted = max(before, grant.get(7, 0))
        return self.granted > before

    def give_back(self, keep):
        self.returned += max(0, self.granted - self.returned - self.used - keep)


class Borrower:
    """All leases of one node's boot."""

    def __init__(self, node, budgets):
        self.node, self.random = node, random.Random(node.name)
        self.leases = {id: Lease(budget, id) for id, budget in enumerate(budgets, 1)}
        # What each call that was prepared said is used.
        self.said = []

    def call(self, asks, waiting=()):
        body = b"".join([message(1, ask) for ask in asks] + [message(2, attempt) for attempt in waiting])
        return self.node.signed(PATH, body)

    def borrow(self, port):
        """What a node does that has just begun: it asks, and gives back what is more than it is to keep."""
        for grant in grants(lines.answer(port, self.call([lease.ask() for lease in self.leases.values()]))):
            lease = self.leases[grant[3]]
            lease.hear(grant)
            lease.give_back(grant.get(8, 0))

    def busy_call(self):
        """One of many: attempts have ended, others are in flight or wait.

        What is used grows by more than what is held, waited for and lent ahead can shrink: so each lease is lent
        something each time.
        """
        ids = self.random.sample(list(self.leases), self.random.randrange(2, len(self.leases) + 1, 2))
        wishes = [message(1, number(1, id) + number(2, RESERVATION)) for id in ids]
        waiting = [first + second for first, second in zip(wishes[::2], wishes[1::2])]
        asks = []
        for lease in self.leases.values():
            lease.used += RESERVATION * 9 + self.random.randrange(RESERVATION * 4)
            held = RESERVATION * self.random.randrange(20, 24)
            asks.append(lease.ask(held, DEMAND + self.random.randrange(RESERVATION * 3 // HORIZON_SECONDS)))
        self.said.append([lease.used for lease in self.leases.values()])
        return self.call(asks, waiting)

    def hear(self, answers):
        """Of the calls that were prepared, as many as were sent; returns how many grants they told of."""
        lent = sum(self.leases[grant[3]].hear(grant) for answer in answers for grant in grants(answer))
        if answers:
            for lease, used in zip(self.leases.values(), self.said[len(answers) - 1]):
                lease.used = used
        self.said = []
        return lent


def grants(answer):
    """By the numbers of their fields."""
    return [dict(fields(grant)) for _, grant in fields(answer)]


def measure(port, borrowers, calls, seconds):
    """Prepares so many calls of all boots together, and sends them, each boot's one after another as nodes do: the run, and
    how many grants it came to."""
    each = -(-calls // len(borrowers))
    run = lines.run(port, [[borrower.busy_call() for _ in range(each)] for borrower in borrowers], seconds)
    return run, sum(borrower.hear(answers) for borrower, answers in zip(borrowers, run.answers))
