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


class Line:
    """One connection, and what is sent over it: a request, its answer, the next request."""

    def __init__(self, port, requests, poll):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.poll, self.requests, self.asked = poll, requests, 0
        self.rest, self.heard = b"", b""
        # Bodies, and the seconds that each took.
        self.answers, self.latencies = [], []
        poll.register(self.socket, select.EPOLLIN)

    def ask(self):
        """False where nothing is left to ask."""
        if self.asked == len(self.requests):
            return False
        self.began = time.perf_counter()
        self.rest = memoryview(self.requests[self.asked])
        self.asked += 1
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
        self.answers.append(self.heard[end + 4:])
        self.heard = b""
        return True


class Run:
    """What it came to."""

    def __init__(self, lines, seconds, own_seconds):
        self.seconds = seconds
        # In the order of the lines.
        self.answers = [line.answers for line in lines]
        self.count = sum(len(line.answers) for line in lines)
        self.latencies = sorted(each for line in lines for each in line.latencies)
        # The part of a core that this driver had: near 1 it measures itself.
        self.own_share = own_seconds / seconds

    def quantile_ms(self, part):
        return self.latencies[min(int(part * len(self.latencies)), len(self.latencies) - 1)] * 1000


def run(port, requests, seconds=float("inf")):
    """`requests` has a list for each line. Until the time is over or nothing is left; what was sent by then is answered."""
    poll = select.epoll()
    lines = [Line(port, each, poll) for each in requests]
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
    """To one request alone."""
    return run(port, [[request]]).answers[0][0]
