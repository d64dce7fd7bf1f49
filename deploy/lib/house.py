"""What bench.py and soak.py need of the house that deploy/lib/bench-house.sh has started: who runs where, and how a load
is put on it.
"""
import glob
import json
import os


def read(path):
    with open(path) as file:
        return file.read()


class House:
    def __init__(self, path):
        self.about = json.loads(read(path))

    def simulator(self, *arguments):
        """The simulator's command, on the core that loads have."""
        pin = ["taskset", "-c", str(self.about["core"])] if os.cpu_count() > 1 else []
        return [*pin, self.about["simulator"], *arguments]

    def environment(self):
        return {**os.environ, "MARTLET_KEY": self.about["key"]}


def status(pid, *names):
    """Numbers of a process as the kernel has them: `VmRSS` in KB, `Threads`."""
    lines = dict(line.split(":", 1) for line in read(f"/proc/{pid}/status").splitlines())
    return [int(lines[name].split()[0]) for name in names]


def files(pid):
    """The open files of a process."""
    return os.listdir(f"/proc/{pid}/fd")


def processor_ns(pid):
    """What a process has used, by thread, as the kernel accounts it."""
    return {task: int(read(f"{task}/schedstat").split()[0]) for task in glob.glob(f"/proc/{pid}/task/*")}
