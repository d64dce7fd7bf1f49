"""Uses the console as people do, in headless Chromium: console.py ADMIN_URL TRAFFIC_URL FOLDER

The house must need one approval. MARTLET_TOKEN is an admin's. Every page is looked at, light and dark, wide and narrow,
with and without JavaScript; FOLDER gets the screenshots. Ends with the number of checks, or with the first that fails.
"""

import json
import os
import pathlib
import sys
import time
import urllib.error
import urllib.request

from browser import Browser

ADMIN, TRAFFIC, FOLDER = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
TOKEN = os.environ["MARTLET_TOKEN"]
EVIL = '<script>alert("x")</script>'
checks = 0


def check(holds, what):
    global checks
    checks += 1
    if not holds:
        sys.exit(f"not so: {what}")


def send(url, method, body, token):
    request = urllib.request.Request(url, method=method, data=json.dumps(body).encode() if body is not None else None)
    request.add_header("authorization", f"Bearer {token}")
    request.add_header("content-type", "application/json")
    with urllib.request.urlopen(request, timeout=30) as reply:
        return json.load(reply)


def admin(method, path, body=None, token=TOKEN):
    return send(f"{ADMIN}/v1{path}", method, body, token)


def eventually(what, attempt, seconds=30):
    end = time.monotonic() + seconds
    while True:
        try:
            if attempt():
                return
        except urllib.error.URLError:
            pass
        check(time.monotonic() < end, f"{what} within {seconds} s")
        time.sleep(0.2)


# -- The house that is looked at


def people():
    """A principal for each part, by role; the token of each."""
    return {
        role: admin("POST", "/principals", {"name": f"{name}", "roles": [role]})["token"]
        for name, role in [("ann", "author"), ("ben", "approver"), ("eve", "viewer")]
    }


def version(text, notes):
    return {"messages": [{"role": "system", "content": text}], "notes": notes}


def write(tokens):
    """Prompts and changes that wait, by somebody who may not approve them."""
    first = (
        "You help customers of {{company}}.\nAnswer in at most three sentences.\nBe kind.\n\nIf you do not know, say so.\n"
        "Never promise a refund.\n"
    )
    second = first.replace("three sentences", "five short sentences").replace("Be kind.\n", "Be kind, be brief.\n")
    for text, notes in [(first, "the first"), (second + "Sign as {{agent}}.\n", f"longer {EVIL}")]:
        admin("POST", "/prompts/support-answer/versions", version(text, notes), tokens["author"])
    admin("POST", "/prompts/hostile/versions", version(EVIL + ' " onfocus="alert(1)', ""), tokens["author"])
    budget = {"name": "demo-month", "scope": {"team": "demo"}, "amount": "25.00", "window": "month", "thresholds": [0.8]}
    admin("POST", "/budgets", budget, tokens["author"])
    admin("PUT", "/prompts/support-answer/labels/staging", {"version": 2}, tokens["author"])
    admin("PUT", "/prompts/support-answer/labels/production", {"version": 1}, tokens["author"])


def traffic():
    """Some exchanges of two users; waits until they are counted."""
    key = admin("POST", "/keys", {"team": "demo", "roles": ["everyone"], "description": "the console's test"})
    ask = {"model": "assistant", "messages": [{"role": "user", "content": "Hello"}]}

    def answers():
        return "choices" in send(f"{TRAFFIC}/v1/chat/completions", "POST", ask, key["key"])

    eventually("the node serves the approved model", answers)
    for number in range(20):
        send(f"{TRAFFIC}/v1/chat/completions", "POST", {**ask, "user": f"user-{number % 2}"}, key["key"])
    eventually("usage is counted", lambda: sum(row["exchanges"] for row in admin("GET", "/usage")["rows"]) >= 20)
    return key["id"]


# -- What is true of every page

RULES = (pathlib.Path(__file__).parent / "rules.js").read_text()


def look(browser, path):
    browser.open(path)
    check(browser.status == 200, f"{path} is 200 and not {browser.status}")
    if browser.has_script:
        for scheme in ["dark", "light"]:
            browser.colours(scheme)
            broken = browser.ask(RULES)
            check(broken == [], f"{path}, {scheme}: {broken}")
        check(browser.complaints() == [], f"{path} complains of nothing: {browser.complaints_seen}")
    check(TOKEN not in browser.source, f"{path} shows no token")


def sign_in(browser, token):
    browser.open("/console")
    check(browser.path.startswith("/console/sign-in"), "whoever is not signed in is asked to")
    browser.type("#token", token)
    browser.press("main button")
    check(browser.path == "/console", f"the token lets in, and not to {browser.path}")


def pages(key):
    nodes = admin("GET", "/nodes")["items"]
    proposals = admin("GET", "/proposals")["items"]
    return {
        "overview": "/console",
        "overview-hour": "/console?range=1h",
        "usage": "/console/usage?range=1h&by=team&by=user",
        "usage-latency": "/console/usage?range=1h&by=model&measure=p95",
        "usage-nothing": "/console/usage?from=2020-01-01T00:00&to=2020-01-02T00:00&range=custom",
        "budgets": "/console/budgets",
        "budget": "/console/budgets/demo-month",
        "limits": "/console/limits",
        "prompts": "/console/prompts",
        "prompt": "/console/prompts/support-answer",
        "prompt-words": "/console/prompts/support-answer?from=1&to=2&view=words",
        "prompt-hostile": "/console/prompts/hostile",
        "proposals": "/console/proposals?state=all",
        "proposals-none": "/console/proposals?state=withdrawn",
        "proposal": f"/console/proposals/{proposals[0]['id']}",
        "models": "/console/models",
        "model": "/console/models/simulated%2Fmodel",
        "keys": "/console/keys",
        "key": f"/console/keys/{key}",
        "nodes": "/console/nodes",
        "node": f"/console/nodes/{nodes[0]['id']}",
        "audit": "/console/audit",
        "audit-verified": "/console/audit?verify=chain",
    }


# -- The story


def tab_to(browser, selector, most):
    """How many presses of Tab it takes from the top of the page."""
    for presses in range(1, most + 1):
        browser.tab()
        if browser.focus_is(selector):
            return presses
    check(False, f"Tab reaches {selector} within {most} presses")


def approve(browser, tokens):
    sign_in(browser, tokens["approver"])
    browser.open("/console/proposals")
    check("simulated/model" in browser.source, "the proposal is listed")
    check("/console/audit" not in browser.source, "an approver is not offered the audit log")
    browser.press("a[href^='/console/proposals/']:has-text(simulated/model)")
    browser.picture("proposal-open", FOLDER)
    tab_to(browser, "a.skip", 1)
    tab_to(browser, "#reason", 30)
    browser.type("#reason", "cheap and good: approved in the console")
    tab_to(browser, "button[formaction$='/approve']", 1)
    tab_to(browser, "button[formaction$='/reject']", 1)
    browser.press("button[formaction$='/approve']")
    check("is approved" in browser.text("[role=status]"), "the page says that it is done")
    check(admin("GET", "/models/simulated%2Fmodel")["inForce"] is not None, "and it is in force")
    check(browser.complaints() == [], f"nothing is complained of: {browser.complaints_seen}")
    browser.press("form[action='/console/sign-out'] button")
    browser.open("/console/models")
    check(browser.path.startswith("/console/sign-in"), "signing out ends it")


def without_script(tokens, key):
    with Browser(ADMIN, has_script=False) as browser:
        sign_in(browser, tokens["approver"])
        for name, path in pages(key).items():
            if not name.startswith("audit"):
                look(browser, path)
        browser.open("/console?range=1h")
        browser.picture("overview-without-script", FOLDER)
        check(not browser.is_shown("figure.chart"), "no empty chart is shown without JavaScript")
        check(browser.is_shown("details summary"), "but its numbers are there")
        browser.open("/console/proposals")
        browser.press("a[href^='/console/proposals/']:has-text(support-answer)")
        browser.type("#reason", "not yet")
        browser.press("button[formaction$='/reject']")
        check("is rejected" in browser.text("[role=status]"), "forms work without JavaScript")


def revoked(tokens):
    """A token that is revoked ends the session at once."""
    with Browser(ADMIN) as browser:
        sign_in(browser, tokens["viewer"])
        check(browser.count("form[method=post]") == 1, "a viewer is offered nothing but to sign out")
        for token in admin("GET", "/principals/eve/tokens")["items"]:
            admin("DELETE", f"/principals/eve/tokens/{token['id']}")
        browser.open("/console/models")
        check(browser.path.startswith("/console/sign-in"), "a revoked token ends its session")


def every_page(key):
    with Browser(ADMIN) as browser:
        browser.open("/console")
        browser.picture("sign-in", FOLDER)
        sign_in(browser, TOKEN)
        for name, path in pages(key).items():
            look(browser, path)
            check(browser.count("canvas") == 0 or browser.is_shown("canvas"), f"{path} has drawn its charts")
            check("<script>alert" not in browser.source, f"{path} shows what was typed as text")
            browser.picture(name, FOLDER)
        revoke(browser, key)


def revoke(browser, key):
    browser.open(f"/console/keys/{key}")
    browser.type("#reason", "the test is over")
    browser.press("main button")
    check("is revoked" in browser.text("[role=status]"), "the key is revoked")
    check(admin("GET", f"/keys/{key}")["state"] == "revoked", "and the API says so too")


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    tokens = people()
    write(tokens)
    with Browser(ADMIN) as browser:
        approve(browser, tokens)
    key = traffic()
    without_script(tokens, key)
    every_page(key)
    revoked(tokens)
    print(f"{checks} checks of the console hold; screenshots are in {FOLDER}")


main()
