"""Signs in to the console at an OpenID Connect provider, in headless Chromium: sign_in.py ADMIN_URL FOLDER

MARTLET_TOKEN is an admin's. Ends with the number of checks, or with the first that fails.
"""

import json
import os
import pathlib
import sys
import urllib.request

from browser import Browser
from issuer import CLIENT, SECRET, Issuer

ADMIN, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])
RULES = (pathlib.Path(__file__).parent / "rules.js").read_text()
checks = 0


def check(holds, what):
    global checks
    checks += 1
    if not holds:
        sys.exit(f"not so: {what}")


def admin(method, path, body=None, revision=None):
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(f"{ADMIN}/v1{path}", method=method, data=data)
    request.add_header("authorization", f"Bearer {os.environ['MARTLET_TOKEN']}")
    request.add_header("content-type", "application/json")
    if revision:
        request.add_header("if-match", revision)
    with urllib.request.urlopen(request, timeout=30) as reply:
        return json.load(reply)


def content(issuer, rules):
    return {
        "name": "corp",
        "issuer": issuer.address,
        "audiences": ["admin-api"],
        "subject": "preferred_username",
        "rules": rules,
        "console": {"clientId": CLIENT, "secret": "corp-client", "scopes": ["profile", "groups"]},
    }


RULE = {"claim": "groups", "value": "platform", "roles": ["auditor"]}


def sign_in(browser, name):
    """From the sign-in page to the issuer, and back with its answer about `name`."""
    browser.press("a[href*='/console/sign-in/begin']")
    check(browser.text("button") == "Yes", f"the issuer asks, not {browser.path}")
    browser.type("#name", name)
    browser.press("button")


def story(browser, issuer):
    browser.open("/console/audit?limit=20")
    check(browser.path.startswith("/console/sign-in?next="), "whoever is not signed in is asked to")
    for scheme in ["dark", "light"]:
        browser.colours(scheme)
        # Nobody has a session yet, whose token the form could have.
        broken = [words for words in browser.ask(RULES) if not words.startswith("no csrf")]
        check(broken == [], f"the page with an issuer, {scheme}: {broken}")
    browser.picture("sign-in-issuer", FOLDER)
    sign_in(browser, "nobody")
    check("nobody is called <b>nobody</b>" in browser.text("#error"), "the issuer's refusal is shown as text")
    browser.picture("sign-in-refused", FOLDER)
    sign_in(browser, "eve")
    check("no rule fits corp:eve" in browser.text("#error"), f"eve has no rule: {browser.text('#error')}")
    sign_in(browser, "ann")
    check(browser.path == "/console/audit?limit=20", f"ann is where she wanted to go, not {browser.path}")
    check("corp:ann" in browser.text(".who"), "under the issuer's name for her")
    cookies = {cookie["name"]: cookie for cookie in browser.driver.get_cookies()}
    check(set(cookies) == {"martlet_console"}, f"only the session's cookie is left, not {set(cookies)}")
    check(cookies["martlet_console"]["httpOnly"] and cookies["martlet_console"]["sameSite"] == "Lax", "as it must be")
    admin("PUT", "/issuers/corp", content(issuer, []), "*")
    browser.open("/console/audit")
    check(browser.path.startswith("/console/sign-in"), "without her rule she is signed out at once")
    # A refusal is a page of its own, which the browser's log calls a failure.
    complaints = [words for words in browser.complaints() if "Failed to load resource" not in words]
    check(complaints == [], f"nothing is complained of: {complaints}")


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    with Issuer({"ann": ["platform"], "eve": []}, f"{ADMIN}/console/sign-in/oidc/corp") as issuer:
        admin("POST", "/secrets", {"name": "corp-client", "hosts": ["127.0.0.1"]})
        admin("PUT", "/secrets/corp-client/value", {"value": SECRET})
        admin("POST", "/issuers", content(issuer, [RULE]))
        with Browser(ADMIN) as browser:
            story(browser, issuer)
        admin("PUT", "/issuers/corp", content(issuer, [RULE]), "*")
        with Browser(ADMIN, has_script=False) as browser:
            browser.open("/console")
            sign_in(browser, "ann")
            check(browser.path == "/console", "it works without JavaScript")
    print(f"{checks} checks of signing in at an issuer hold")


main()
