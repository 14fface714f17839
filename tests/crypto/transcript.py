#!/usr/bin/env python3
"""The WireGuard handshake once more, written from the paper (section 5.4) in Python on hashlib and
python3-cryptography, and the fixed transcripts it gives for the C++ code to be compared with.

    transcript.py --write FILE    writes the transcripts
    transcript.py --check FILE    fails unless FILE is what this program writes

Exit status 77: python3-cryptography is missing.
"""

import argparse
import hashlib
import hmac
import json
import struct
import sys

try:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
except ImportError:
    sys.exit(77)

CONSTRUCTION = b"Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s"
IDENTIFIER = b"WireGuard v1 zx2c4 Jason@zx2c4.com"
LABEL_MAC1 = b"mac1----"
LABEL_COOKIE = b"cookie--"
NO_MAC = bytes(16)


def digest(*parts):
    return hashlib.blake2s(b"".join(parts)).digest()


def mac(key, data):
    return hashlib.blake2s(data, key=key, digest_size=16).digest()


def kdf(count, key, data):
    """HKDF with HMAC-BLAKE2s: `count` outputs of 32 bytes."""
    secret = hmac.digest(key, data, hashlib.blake2s)
    outputs, last = [], b""
    for i in range(1, count + 1):
        last = hmac.digest(secret, last + bytes([i]), hashlib.blake2s)
        outputs.append(last)
    return outputs


def dh(private, public):
    return X25519PrivateKey.from_private_bytes(private).exchange(X25519PublicKey.from_public_bytes(public))


def public_of(private):
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def aead(key, plaintext, data):
    """Handshake keys seal one message each, so the counter is always zero."""
    return ChaCha20Poly1305(key).encrypt(bytes(12), plaintext, data)


def hchacha20(key, nonce):
    """draft-irtf-cfrg-xchacha, section 2.2."""
    words = list(struct.unpack("<16I", b"expand 32-byte k" + key + nonce))

    def quarter(a, b, c, d):
        for x, y, z, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            words[x] = (words[x] + words[y]) & 0xFFFFFFFF
            mixed = words[z] ^ words[x]
            words[z] = ((mixed << turn) | (mixed >> (32 - turn))) & 0xFFFFFFFF

    for _ in range(10):
        for i in range(4):
            quarter(i, i + 4, i + 8, i + 12)
        for i in range(4):
            quarter(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
    return struct.pack("<8I", *words[:4], *words[12:])


def xaead(key, nonce, plaintext, data):
    return ChaCha20Poly1305(hchacha20(key, nonce[:16])).encrypt(bytes(4) + nonce[16:], plaintext, data)


class Symmetric:
    """The chaining key and the hash that both sides carry through the handshake."""

    def __init__(self, responder_public):
        self.chain = digest(CONSTRUCTION)
        self.hash = digest(digest(self.chain, IDENTIFIER), responder_public)

    def absorb(self, data):
        self.hash = digest(self.hash, data)
        return data

    def seal(self, key, plaintext):
        return self.absorb(aead(key, plaintext, self.hash))

    def ephemeral(self, public):
        self.absorb(public)
        (self.chain,) = kdf(1, self.chain, public)

    def mix(self, secret):
        self.chain, key = kdf(2, self.chain, secret)
        return key

    def mix_psk(self, psk):
        self.chain, temporary, key = kdf(3, self.chain, psk)
        self.absorb(temporary)
        return key


def with_macs(body, receiver_public, cookie=None):
    mac1 = mac(digest(LABEL_MAC1, receiver_public), body)
    return body + mac1 + (mac(cookie, body + mac1) if cookie else NO_MAC)


def initiation(state, case):
    public = public_of(case["initiator_ephemeral"])
    state.ephemeral(public)
    key = state.mix(dh(case["initiator_ephemeral"], case["responder_public"]))
    static = state.seal(key, case["initiator_public"])
    key = state.mix(dh(case["initiator_private"], case["responder_public"]))
    timestamp = state.seal(key, case["timestamp"])
    return struct.pack("<II", 1, case["initiator_index"]) + public + static + timestamp


def response(state, case):
    public = public_of(case["responder_ephemeral"])
    state.ephemeral(public)
    state.mix(dh(case["responder_ephemeral"], public_of(case["initiator_ephemeral"])))
    state.mix(dh(case["responder_ephemeral"], case["initiator_public"]))
    nothing = state.seal(state.mix_psk(case["preshared_key"]), b"")
    return struct.pack("<III", 2, case["responder_index"], case["initiator_index"]) + public + nothing


def cookie_reply(case, receiver_public, receiver_index, message):
    cookie = mac(case["cookie_secret"], case["source"])
    key = digest(LABEL_COOKIE, receiver_public)
    sealed = xaead(key, case["cookie_nonce"], cookie, message[-32:-16])
    return cookie, struct.pack("<II", 3, receiver_index) + case["cookie_nonce"] + sealed


def run(case):
    """Fills in everything that follows from a case's inputs."""
    for side in ("initiator", "responder"):
        case[f"{side}_public"] = public_of(case[f"{side}_private"])
    state = Symmetric(case["responder_public"])
    first = initiation(state, case)
    case["initiation"] = with_macs(first, case["responder_public"])
    second = response(state, case)
    case["response"] = with_macs(second, case["initiator_public"])
    case["initiator_sends"], case["responder_sends"] = kdf(2, state.chain, b"")

    case["cookie"], case["cookie_reply_to_initiation"] = cookie_reply(
        case, case["responder_public"], case["initiator_index"], case["initiation"])
    _, case["cookie_reply_to_response"] = cookie_reply(
        case, case["initiator_public"], case["responder_index"], case["response"])
    case["initiation_with_cookie"] = with_macs(first, case["responder_public"], case["cookie"])
    case["response_with_cookie"] = with_macs(second, case["initiator_public"], case["cookie"])
    return case


def make_case(name, initiator_index, responder_index, timestamp, source, preshared_key=True):
    def filler(label, size=32):
        return hashlib.shake_256(f"ringway transcript/{name}/{label}".encode()).digest(size)

    return run({
        "name": name,
        "initiator_private": filler("initiator_private"),
        "responder_private": filler("responder_private"),
        "preshared_key": filler("preshared_key") if preshared_key else bytes(32),
        "initiator_ephemeral": filler("initiator_ephemeral"),
        "responder_ephemeral": filler("responder_ephemeral"),
        "initiator_index": initiator_index,
        "responder_index": responder_index,
        "timestamp": timestamp,
        "source": source,
        "cookie_secret": filler("cookie_secret"),
        "cookie_nonce": filler("cookie_nonce", 24),
    })


def make_transcripts():
    label = struct.Struct(">QI")
    v4 = bytes([192, 0, 2, 1]) + struct.pack(">H", 51820)
    v6 = bytes.fromhex("20010db8000000000000000000000001") + struct.pack(">H", 1)
    tai = (1 << 62) + 10
    return [
        make_case("without a preshared key", 1, 2, label.pack(tai + 1700000000, 0), v4, preshared_key=False),
        make_case("with a preshared key", 0x01020304, 0xA0B0C0D0, label.pack(tai + 1700000001, 59 << 24), v4),
        make_case("source is IPv6", 0xDEADBEEF, 0x12345678, label.pack(tai + 2000000000, 1 << 24), v6),
        make_case("extreme indices and timestamp", 0xFFFFFFFF, 0, b"\xff" * 12, v6),
        make_case("zero timestamp", 0, 0xFFFFFFFF, bytes(12), v4, preshared_key=False),
    ]


def self_test():
    """HChaCha20 is the one primitive written here: the draft's own vector, section 2.2.1."""
    key = bytes(range(32))
    nonce = bytes.fromhex("000000090000004a0000000031415927")
    expected = "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc"
    if hchacha20(key, nonce).hex() != expected:
        sys.exit("HChaCha20 does not give the draft's vector")


def rendered():
    def plain(case):
        return {name: value.hex() if isinstance(value, bytes) else value for name, value in case.items()}

    return json.dumps([plain(case) for case in make_transcripts()], indent=1) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--write", metavar="FILE")
    action.add_argument("--check", metavar="FILE")
    arguments = parser.parse_args()
    self_test()
    if arguments.write:
        with open(arguments.write, "w", encoding="ascii") as file:
            file.write(rendered())
        return
    with open(arguments.check, encoding="ascii") as file:
        if file.read() != rendered():
            sys.exit(f"{arguments.check} is not what this program writes")


if __name__ == "__main__":
    main()
