"""Asks one question through the fleet and prints the answer as it comes, with what governed it.

usage: ask.py BASE_URL ROUTE whole|stream QUESTION        the key is in MARTLET_KEY
"""

import json
import os
import sys
import urllib.error
import urllib.request


def post(base_url: str, body: dict):
    request = urllib.request.Request(
        f"{base_url}/v1/chat/completions",
        data=json.dumps(body).encode(),
        headers={"authorization": f"Bearer {os.environ['MARTLET_KEY']}", "content-type": "application/json"},
    )
    return urllib.request.urlopen(request, timeout=120)


def print_whole(reply) -> None:
    print("  " + json.load(reply)["choices"][0]["message"]["content"].replace("\n", "\n  "))


def print_stream(reply) -> None:
    """Every event as it comes; a stream without its end marker is a failure, however much of it was read."""
    events, ended = 0, False
    sys.stdout.write("  ")
    for line in reply:
        if not line.startswith(b"data: "):
            continue
        data = line[len(b"data: "):].strip()
        if data == b"[DONE]":
            ended = True
            break
        event = json.loads(data)
        if "error" in event:
            sys.exit(f"\n  the stream ended with an error: {event['error']}")
        events += 1
        for choice in event["choices"]:
            sys.stdout.write((choice["delta"].get("content") or "").replace("\n", "\n  "))
            sys.stdout.flush()
    print()
    if not ended:
        sys.exit("  the stream broke off")
    print(f"  ({events} events)")


def main() -> None:
    base_url, route, manner, question = sys.argv[1:5]
    body = {"model": route, "messages": [{"role": "user", "content": question}], "max_tokens": 80, "temperature": 0}
    try:
        reply = post(base_url, body | {"stream": True} if manner == "stream" else body)
    except urllib.error.HTTPError as error:
        sys.exit(f"  {error.code} {error.read().decode(errors='replace')}")
    with reply:
        (print_stream if manner == "stream" else print_whole)(reply)
        said = {name: reply.headers[f"martlet-{name}"] for name in ("model", "snapshot", "cost-usd")}
    print("  " + " · ".join(f"{name} {value}" for name, value in said.items() if value))


main()
