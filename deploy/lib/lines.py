"""Sends prepared requests over keep-alive connections as fast as they are answered, from one thread: what is measured must
not wait for Python.
"""
import re
import select
import socket
import sys
import time

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
ANSWER_SECONDS = 60


class Feed:
    """Requests in their order, and the bodies of their answers. Any number of lines may take from it."""

    def __init__(self, requests):
        self.requests, self.sent = requests, 0
        self.answers = []

    def take(self):
        if self.sent == len(self.requests):
            return None
        self.sent += 1
        return self.requests[self.sent - 1]


class Line:
    """One connection: a request, its answer, the next request."""

    def __init__(self, port, feed, poll):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.feed, self.poll = feed, poll
        self.rest, self.heard, self.latencies = b"", b"", []
        poll.register(self.socket, select.EPOLLIN)

    def ask(self):
        """False where nothing is left to ask."""
        request = self.feed.take()
        if request is None:
            return False
        self.began = time.perf_counter()
        self.rest = memoryview(request)
        self.send()
        return True

    def send(self):
        try:
            self.rest = self.rest[self.socket.send(self.rest):]
        except BlockingIOError:
            pass
        self.poll.modify(self.socket, select.EPOLLIN | select.EPOLLOUT if self.rest else select.EPOLLIN)

    def hear(self):
        """True once the answer is whole."""
        piece = self.socket.recv(1 << 18)
        if not piece:
            sys.exit("✗ the control plane has closed a connection")
        self.heard += piece
        end = self.heard.find(b"\r\n\r\n")
        length = LENGTH.search(self.heard, 0, end + 2) if end >= 0 else None
        if length is None or len(self.heard) < end + 4 + int(length[1]):
            return False
        self.latencies.append(time.perf_counter() - self.began)
        if not self.heard.startswith(b"HTTP/1.1 200 "):
            sys.exit(f"✗ refused: {self.heard.decode(errors='replace')}")
        self.feed.answers.append(self.heard[end + 4:])
        self.heard = b""
        return True


class Run:
    """What it came to."""

    def __init__(self, lines, seconds, own_seconds):
        self.seconds = seconds
        self.latencies = sorted(each for line in lines for each in line.latencies)
        # The part of a core that this driver had: near 1 it measures itself.
        self.own_share = own_seconds / seconds

    def quantile_ms(self, part):
        return self.latencies[min(int(part * len(self.latencies)), len(self.latencies) - 1)] * 1000


def run(port, feeds, lines_each=1, seconds=float("inf")):
    """Until the time is over or nothing is left; whatever was sent by then is answered."""
    poll = select.epoll()
    lines = [Line(port, feed, poll) for feed in feeds for _ in range(lines_each)]
    by_file = {line.socket.fileno(): line for line in lines}
    own, began = time.process_time(), time.perf_counter()
    busy = sum(line.ask() for line in lines)
    while busy:
        ready = poll.poll(ANSWER_SECONDS)
        if not ready:
            sys.exit(f"✗ no answer within {ANSWER_SECONDS} s")
        for file, event in ready:
            line = by_file[file]
            if event & select.EPOLLOUT:
                line.send()
            if event & ~select.EPOLLOUT and line.hear():
                if time.perf_counter() - began >= seconds or not line.ask():
                    busy -= 1
    result = Run(lines, time.perf_counter() - began, time.process_time() - own)
    for line in lines:
        line.socket.close()
    poll.close()
    return result


def answer(port, request):
    """Of one request alone."""
    feed = Feed([request])
    run(port, [feed])
    return feed.answers[0]
