"""Several nodes as processes of their own, beside the house that bench-house.sh has started: what race.py and rates.py need.
"""
import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.request


class Node:
    """A node of its own process, which can be killed and started again."""

    def __init__(self, house, place, name, token):
        self.house, self.folder, self.token = house, os.path.join(place, name), token
        self.port, self.operations = free_ports(2)
        self.log = open(os.path.join(place, f"{name}.log"), "ab")
        self.process = None

    def start(self):
        about = self.house.about
        self.process = subprocess.Popen(
            [os.path.join(about["binaries"], "martlet-node"), "serve", "--threads", "1", "--drain-delay", "0s",
             "--control", f"http://127.0.0.1:{about['nodes']}", "--data", self.folder,
             "--listen", f"127.0.0.1:{self.port}", "--operations", f"127.0.0.1:{self.operations}"],
            env={**os.environ, "MARTLET_JOIN": self.token}, stdout=self.log, stderr=self.log)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(20)
            if self.process.poll() is None:
                self.kill()
        self.log.close()

    def is_ready(self):
        with contextlib.suppress(OSError):
            with urllib.request.urlopen(f"http://127.0.0.1:{self.operations}/readyz", timeout=1) as answer:
                return answer.status == 200
        return False


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class Admin:
    def __init__(self, house):
        self.base, self.token = f"http://127.0.0.1:{house.about['admin']}/v1", house.about["token"]

    def send(self, method, path, body=None):
        request = urllib.request.Request(
            self.base + path, method=method, data=json.dumps(body).encode() if body is not None else None,
            headers={"authorization": f"Bearer {self.token}", "content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"{}")


def wait_until(what, seconds, is_so):
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise SystemExit(f"{what} within {seconds} s")
        time.sleep(0.1)
