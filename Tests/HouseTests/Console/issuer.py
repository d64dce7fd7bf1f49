"""A small OpenID Connect provider that believes whoever tells it a name, and is strict with its clients.

Signs with RS256 by openssl's command, so that nothing of the verifier under test is used on this side.
"""

import base64
import hashlib
import html
import http.server
import json
import secrets
import subprocess
import tempfile
import threading
import time
import urllib.parse

CLIENT, SECRET = "martlet-console", "s3cret: of ours"


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Key:
    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.file = f"{self.folder.name}/key.pem"
        self.openssl("genrsa", "-out", self.file, "2048")
        modulus = self.openssl("rsa", "-in", self.file, "-noout", "-modulus").decode().strip().split("=")[1]
        self.public = {"kty": "RSA", "kid": "k1", "use": "sig", "n": base64url(bytes.fromhex(modulus)), "e": "AQAB"}

    def openssl(self, *arguments, data=b""):
        return subprocess.run(["openssl", *arguments], input=data, check=True, capture_output=True).stdout

    def token(self, claims):
        header = {"alg": "RS256", "kid": "k1"}
        signed = ".".join(base64url(json.dumps(part).encode()) for part in (header, claims))
        return f"{signed}.{base64url(self.openssl('dgst', '-sha256', '-sign', self.file, data=signed.encode()))}"


class Issuer:
    """Runs while it is entered. `groups` says who is in which; browsers are sent back to `callback` only."""

    def __init__(self, groups, callback):
        self.groups, self.callback, self.key, self.codes = groups, callback, Key(), {}
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.key.folder.cleanup()

    def document(self):
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/auth?realm=corp",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            "authorization_response_iss_parameter_supported": True,
        }

    def answer(self, query, name):
        """Where a browser goes on with a code, or with the refusal of somebody who is nobody here."""
        back = {"state": query["state"], "iss": self.address}
        if name in self.groups:
            back["code"] = secrets.token_urlsafe(16)
            self.codes[back["code"]] = (query, name)
        else:
            back |= {"error": "access_denied", "error_description": f"nobody is called <b>{name}</b>"}
        return f"{self.callback}?{urllib.parse.urlencode(back)}"

    def exchange(self, form, authorization):
        """Status and body for a code, which is good once."""
        pair = ":".join(urllib.parse.quote(part, safe="") for part in (CLIENT, SECRET))
        if authorization != f"Basic {base64.b64encode(pair.encode()).decode()}":
            return 401, {"error": "invalid_client"}
        query, name = self.codes.pop(form.get("code"), (None, None))
        challenge = base64url(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if query is None or challenge != query["code_challenge"] or form["redirect_uri"] != query["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {"iss": self.address, "aud": CLIENT, "sub": f"id-{name}", "preferred_username": name}
        claims |= {"groups": self.groups[name], "nonce": query["nonce"], "iat": now, "exp": now + 300}
        return 200, {"access_token": "unused", "token_type": "Bearer", "id_token": self.key.token(claims)}

    def handler(issuer):
        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def send(self, status, body, kind="application/json", **headers):
                text = (body if isinstance(body, str) else json.dumps(body)).encode()
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(text)))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text)

            def query(self):
                return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))

            def do_GET(self):
                path = urllib.parse.urlsplit(self.path).path
                if path == "/.well-known/openid-configuration":
                    return self.send(200, issuer.document())
                if path == "/keys":
                    return self.send(200, {"keys": [issuer.key.public]})
                if path == "/auth" and self.query().get("redirect_uri") != issuer.callback:
                    return self.send(400, "<!doctype html><title>corp</title>no such redirect_uri", "text/html")
                if path == "/auth":
                    place = html.escape(self.path)
                    form = f'<form method="post" action="{place}"><input name="name" id="name"><button>Yes</button>'
                    return self.send(200, f"<!doctype html><title>corp</title>{form}</form>", "text/html")
                return self.send(404, {})

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                form = dict(urllib.parse.parse_qsl(body))
                if urllib.parse.urlsplit(self.path).path == "/auth":
                    return self.send(302, "", location=issuer.answer(self.query(), form.get("name", "")))
                return self.send(*issuer.exchange(form, self.headers["authorization"]))

        return Handler
