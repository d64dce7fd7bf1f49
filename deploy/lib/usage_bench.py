"""Usage: each boot's stream of events in its order, in batches as large as they may be."""
import collections
import hashlib
import random
import sys
import time

import lines
from node_calls import entry, fields, known, message, number, text

PATH = "/node/v1/usage"
BATCH = 500
TEAMS, KEYS_EACH = 20, 2
MODELS = ["chat", "batch"]
# Nano-dollars a token, as bench-house.sh prices its models.
INPUT_RATE, CACHED_RATE, OUTPUT_RATE = 100, 50, 400
SNAPSHOT = number(15, 1) + number(16, 1) + number(17, 1)
PROVIDER_COUNTED = text(21, "provider")
ANSWERED = text(26, "answered") + known(28, 200)
ANSWERED_STREAM = ANSWERED + number(29, 1)


def team(index):
    return f"team-{index % TEAMS:02}"


class Shape:
    """What many events share: who asks for what."""

    def __init__(self, team_index, key_index, model, user):
        key, name = f"key-{team_index:02}-{key_index}", team(team_index)
        self.lease = team_index + 1
        self.caller = (text(5, key) + text(6, name) + text(7, user) + text(8, "nightly" if key_index else "")
                       + entry(9, "app", f"app-{team_index % 4}") + text(10, model) + text(11, f"simulated/{model}")
                       + text(12, "simulated") + known(13, 1))


def shapes(users):
    names = [f"user-{index}" for index in range(users)] if users > 1 else [""]
    return [Shape(of_team, key, model, user)
            for of_team in range(TEAMS) for key in range(KEYS_EACH) for model in MODELS for user in names]


class Stream:
    """One boot's stream: events, chained."""

    def __init__(self, borrower, shapes):
        self.node, self.leases = borrower.node, borrower.leases
        self.shapes, self.random = shapes, random.Random(borrower.node.name)
        self.seq, self.chain = 0, bytes(32)
        self.postings = {id: message(33, text(1, lease.budget) + text(3, lease.window) + number(4, id))
                         for id, lease in borrower.leases.items()}
        # Of each batch that was prepared, and of all that were answered: what it sums up to, and what its leases paid.
        self.prepared = []
        self.sums, self.posted = collections.Counter(), collections.Counter()

    def batch(self):
        sums, posted = collections.Counter(), collections.Counter()
        body = [text(1, self.node.boot)]
        chain, now = self.chain, int(time.time() * 1000)
        for _ in range(BATCH):
            self.seq += 1
            content = message(1, self.event(now, sums, posted))
            body.append(message(2, number(1, self.seq) + message(2, content)))
            self.chain = hashlib.sha256(self.chain + content).digest()
        body.append(message(3, chain))
        self.prepared.append((sums, posted, self.seq, self.chain))
        return self.node.signed(PATH, b"".join(body))

    def event(self, now, sums, posted):
        bits = self.random.getrandbits(96)
        shape = self.shapes[(bits & 0xFFFF) % len(self.shapes)]
        latency = 200_000 + (bits >> 16 & 0xFFFFF)
        is_failure = bits >> 36 & 31 == 0
        tokens, cost, outcome = (failed if is_failure else answered)(bits, sums)
        is_posted = bits >> 41 & 1
        if is_posted:
            posted[shape.lease] += cost
        sums["events"] += 1
        sums["cost"] += cost
        return b"".join([
            message(1, b"exchange-%b-%08x" % (self.node.boot[-6:].encode(), self.seq)), b"\x10\x01\x18\x01",
            number(4, now - latency // 1000), shape.caller, message(14, b"chatcmpl-%024x" % bits), SNAPSHOT, tokens,
            number(24, latency - 900), number(25, latency), outcome,
            self.postings[shape.lease] if is_posted else b"",
        ])

    def hear(self, answers):
        """Of the batches that were prepared, as many as were sent: the rest never happens."""
        for sums, posted, seq, chain in self.prepared[:len(answers)]:
            self.sums.update(sums)
            self.posted.update(posted)
            self.seq, self.chain = seq, chain
        if answers and dict(fields(answers[-1]))[1] != self.seq:
            sys.exit(f"✗ {answers[-1]} acknowledges another number than {self.seq}")
        self.prepared = []


def answered(bits, sums):
    """What comes from the tokens on to the cost, the cost, and what comes from the outcome on."""
    tokens_in, tokens_out = 40 + (bits >> 42 & 0x7FF), 1 + (bits >> 53 & 0x3FF)
    cached = 1024 if bits >> 63 & 7 == 0 else 0
    cost = tokens_in * INPUT_RATE + cached * CACHED_RATE + tokens_out * OUTPUT_RATE
    sums["inputTokens"] += tokens_in
    sums["cachedInputTokens"] += cached
    sums["outputTokens"] += tokens_out
    is_stream = bits >> 66 & 1
    return (known(18, tokens_in) + known(19, cached) + known(20, tokens_out) + PROVIDER_COUNTED + number(22, cost)
            + (known(23, 150_000 + (bits >> 67 & 0xFFFF)) if is_stream else b""), cost,
            ANSWERED_STREAM if is_stream else ANSWERED)


def failed(_, sums):
    """No tokens, no cost."""
    sums["failed"] += 1
    return text(21, "counted"), 0, text(26, "failed") + text(27, "upstream_error") + known(28, 500)


def measure(port, streams, batches, seconds):
    """Prepares so many batches of all boots together, and sends them, each boot's in their order: the run, and how many
    events it took."""
    each = -(-batches // len(streams))
    run = lines.run(port, [[stream.batch() for _ in range(each)] for stream in streams], seconds)
    for stream, answers in zip(streams, run.answers):
        stream.hear(answers)
    return run, run.count * BATCH
