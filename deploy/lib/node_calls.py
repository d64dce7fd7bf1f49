"""What a node says to its control plane, written without the node: protobuf bytes, signatures, whole HTTP requests.

The control plane takes a message in its shortest form only (proto-schemas/martlet/v1): no default written out, no number
longer than needed. Fields are written in the order of their numbers.
"""
import base64
import hashlib
import secrets


def varint(number):
    if number < 1 << 14:
        return SHORT[number]
    parts = bytearray()
    while number >= 0x80:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    parts.append(number)
    return bytes(parts)


SHORT = [bytes([n]) if n < 0x80 else bytes([n & 0x7F | 0x80, n >> 7]) for n in range(1 << 14)]


def number(field, value):
    """A field without presence: a zero is not written."""
    return varint(field << 3) + varint(value) if value else b""


def known(field, value):
    """A field with presence: a zero is written."""
    return varint(field << 3) + varint(value)


def message(field, content):
    """Written also where it is empty."""
    return varint(field << 3 | 2) + varint(len(content)) + content


def text(field, value):
    return message(field, value.encode()) if value else b""


def entry(field, name, value):
    """Of a map: both of its texts are written even where they are empty."""
    return message(field, message(1, name.encode()) + message(2, value.encode()))


def fields(content):
    """What a message holds: pairs of a field's number and its value, an integer or bytes."""
    at = 0
    while at < len(content):
        tag, at = read_varint(content, at)
        value, at = read_varint(content, at)
        if tag & 7 == 2:
            value, at = content[at:at + value], at + value
        elif tag & 7 != 0:
            raise ValueError(f"wire type {tag & 7}")
        yield tag >> 3, value


def read_varint(content, at):
    value = shift = 0
    while True:
        byte = content[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


class Node:
    """A stand-in for a node: enrolled with keys of its own, in its first boot."""

    def __init__(self, name):
        # Not above, so that options can be read before the package is installed.
        from cryptography.hazmat.primitives.asymmetric import ed25519, x25519
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        def public(key):
            return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

        self.key = ed25519.Ed25519PrivateKey.generate()
        self.public_keys = public(self.key), public(x25519.X25519PrivateKey.generate())
        self.name, self.id = name, None
        self.boot = f"boot-{secrets.token_hex(10)}"

    def enrolment(self, join_token):
        _, token, secret, *_ = join_token.split(".")
        ed25519, x25519 = self.public_keys
        body = (text(1, token) + text(2, secret) + message(3, ed25519) + message(4, x25519) + text(5, self.name)
                + text(6, "bench"))
        return request("/node/v1/enroll", body)

    def enrolled(self, reply):
        self.id = dict(fields(reply))[1].decode()

    def signed(self, path, body):
        """A POST that is signed as `CallSignature` says, over PAE (DSSE's pre-authentication encoding)."""
        caller = f"{self.id};{self.boot}"
        payload = "\n".join(["POST", path, caller, hashlib.sha256(body).hexdigest()]).encode()
        kind = b"application/vnd.martlet.call.v1"
        signature = self.key.sign(b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload))
        return request(path, body, f"martlet-node: {caller}\r\n"
                       f"martlet-signature: {base64.b64encode(signature).decode()}\r\n")


def request(path, body, headers=""):
    head = (f"POST {path} HTTP/1.1\r\nhost: control\r\n{headers}content-type: application/x-protobuf\r\n"
            f"content-length: {len(body)}\r\n\r\n")
    return head.encode() + body
