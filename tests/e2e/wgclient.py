#!/usr/bin/python3
"""A WireGuard initiator in plain Python: many clients in one process, and packets that no honest
client would send. Written from the WireGuard paper, sections 5.4.2 to 5.4.7."""

import argparse
import base64
import hashlib
import hmac
import json
import os
import select
import socket
import struct
import sys
import time

from nacl import bindings, exceptions

CONSTRUCTION = b"Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s"
IDENTIFIER = b"WireGuard v1 zx2c4 Jason@zx2c4.com"
INITIATION, RESPONSE, COOKIE_REPLY, TRANSPORT = 1, 2, 3, 4


def blake2s(*parts, key=b"", size=32):
    return hashlib.blake2s(b"".join(parts), key=key, digest_size=size).digest()


def kdf(key, data, outputs):
    secret = hmac.new(key, data, hashlib.blake2s).digest()
    out, last = [], b""
    for i in range(outputs):
        last = hmac.new(secret, last + bytes([i + 1]), hashlib.blake2s).digest()
        out.append(last)
    return out


def seal(key, counter, plain, aad=b""):
    nonce = struct.pack("<IQ", 0, counter)
    return bindings.crypto_aead_chacha20poly1305_ietf_encrypt(plain, aad, nonce, key)


def unseal(key, counter, cipher, aad=b""):
    nonce = struct.pack("<IQ", 0, counter)
    return bindings.crypto_aead_chacha20poly1305_ietf_decrypt(cipher, aad, nonce, key)


def public_key(private):
    return bindings.crypto_scalarmult_base(private)


def tai64n(now_ns):
    return struct.pack(">QI", (1 << 62) + 10 + now_ns // 10**9, now_ns % 10**9)


def is_to(message, kind, offset, index):
    """Whether a message has this type and, at `offset`, this receiver index."""
    return message[:4] == struct.pack("<I", kind) and message[offset:offset + 4] == index


class Client:
    """One peer of the gateway with a UDP socket of its own and at most one session."""

    def __init__(self, private, gateway_public, endpoint, psk=bytes(32)):
        self.private, self.public, self.psk = private, public_key(private), psk
        self.gateway = gateway_public
        family = socket.AF_INET6 if ":" in endpoint[0] else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.connect(endpoint)
        self.cookie = b""
        self.send_key = self.receive_key = None
        self.counter = 0

    def initiation(self, unix_ns=None):
        """A handshake initiation, of now or of that time; remembers what the response needs."""
        self.index_offered = os.urandom(4)
        ephemeral = os.urandom(32)
        chain = blake2s(CONSTRUCTION)
        digest = blake2s(blake2s(chain, IDENTIFIER), self.gateway)
        unencrypted = public_key(ephemeral)
        (chain,) = kdf(chain, unencrypted, 1)
        digest = blake2s(digest, unencrypted)
        chain, key = kdf(chain, bindings.crypto_scalarmult(ephemeral, self.gateway), 2)
        static = seal(key, 0, self.public, digest)
        digest = blake2s(digest, static)
        chain, key = kdf(chain, bindings.crypto_scalarmult(self.private, self.gateway), 2)
        timestamp = seal(key, 0, tai64n(time.time_ns() if unix_ns is None else unix_ns), digest)
        digest = blake2s(digest, timestamp)
        self.ephemeral, self.chain, self.digest = ephemeral, chain, digest
        return self.with_macs(
            struct.pack("<I", INITIATION) + self.index_offered + unencrypted + static + timestamp)

    def with_macs(self, message):
        self.mac1 = blake2s(message, key=blake2s(b"mac1----", self.gateway), size=16)
        message += self.mac1
        return message + (blake2s(message, key=self.cookie, size=16) if self.cookie else bytes(16))

    def consume_response(self, message):
        """True if `message` is the gateway's answer to the last initiation: there is a session then."""
        if len(message) != 92 or not is_to(message, RESPONSE, 8, self.index_offered):
            return False
        unencrypted, nothing = message[12:44], message[44:60]
        (chain,) = kdf(self.chain, unencrypted, 1)
        digest = blake2s(self.digest, unencrypted)
        (chain,) = kdf(chain, bindings.crypto_scalarmult(self.ephemeral, unencrypted), 1)
        (chain,) = kdf(chain, bindings.crypto_scalarmult(self.private, unencrypted), 1)
        chain, temporary, key = kdf(chain, self.psk, 3)
        digest = blake2s(digest, temporary)
        unseal(key, 0, nothing, digest)
        self.send_key, self.receive_key = kdf(chain, b"", 2)
        self.local_index, self.remote_index, self.counter = self.index_offered, message[4:8], 0
        return True

    def consume_cookie(self, message):
        """Keeps the cookie of a cookie reply to the last initiation."""
        if len(message) != 64 or not is_to(message, COOKIE_REPLY, 4, self.index_offered):
            return False
        key = blake2s(b"cookie--", self.gateway)
        self.cookie = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
            message[32:], self.mac1, message[8:32], key)
        return True

    def transport(self, packet, counter=None):
        """A transport message with `packet` inside, by default with the next counter."""
        if counter is None:
            counter, self.counter = self.counter, self.counter + 1
        padded = packet + bytes(-len(packet) % 16)
        return struct.pack("<I", TRANSPORT) + self.remote_index + struct.pack("<Q", counter) + \
            seal(self.send_key, counter, padded)

    def consume_transport(self, message):
        """The packet inside a transport message of this session, else None."""
        if len(message) < 32 or not is_to(message, TRANSPORT, 4, self.local_index):
            return None
        try:
            return unseal(self.receive_key, struct.unpack("<Q", message[8:16])[0], message[16:])
        except exceptions.CryptoError:
            return None

    def receive(self, seconds):
        """The next datagram, or b"" after `seconds`."""
        ready, _, _ = select.select([self.socket], [], [], seconds)
        try:
            return self.socket.recv(65535) if ready else b""
        except ConnectionRefusedError:
            sys.exit("the gateway's host answered a WireGuard packet with port unreachable")

    def handshake(self, seconds=20):
        """Tries as a client does: again after five seconds, with a cookie if one was asked for."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.socket.send(self.initiation())
            retry = time.monotonic() + 5.2
            while time.monotonic() < retry:
                message = self.receive(retry - time.monotonic())
                if message and self.consume_response(message):
                    self.socket.send(self.transport(b""))
                    return True
                if message:
                    self.consume_cookie(message)
        return False

    def ping(self, source, target, sequence=1, seconds=3):
        """True if `target` answers an ICMP echo request that claims to come from `source`."""
        self.socket.send(self.transport(echo_request(source, target, sequence)))
        return self.replies(seconds, sequence) > 0

    def replies(self, seconds, sequence, enough=1):
        """How many echo replies with `sequence` arrive before there are enough or time is up."""
        found, deadline = 0, time.monotonic() + seconds
        while found < enough and time.monotonic() < deadline:
            packet = self.consume_transport(self.receive(max(0, deadline - time.monotonic())))
            if packet and packet[9] == 1 and packet[20] == 0 and packet[26:28] == struct.pack(">H", sequence):
                found += 1
        return found


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def echo_request(source, target, sequence, payload=bytes(32)):
    """An IPv4 packet."""
    icmp = struct.pack(">BBHHH", 8, 0, 0, os.getpid() & 0xFFFF, sequence) + payload
    icmp = icmp[:2] + struct.pack(">H", checksum(icmp)) + icmp[4:]
    header = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(icmp), 0, 0, 64, 1, 0,
                         socket.inet_aton(source), socket.inet_aton(target))
    return header[:10] + struct.pack(">H", checksum(header)) + header[12:] + icmp


def crowd_address(number):
    return f"10.20.{number // 250}.{number % 250 + 1}"


def make_crowd(count, file):
    """Writes private keys to `file`, prints the peers as YAML."""
    keys = [os.urandom(32) for _ in range(count)]
    with open(file, "w") as out:
        json.dump([key.hex() for key in keys], out)
    for number, key in enumerate(keys):
        print(f'      - public_key: "{base64.b64encode(public_key(key)).decode()}"')
        print(f"        allowed_ips: [{crowd_address(number)}/32]")


def run_crowd(file, gateway, endpoint, target):
    """All clients of `file` shake hands, then all sessions are used: each must reach `target`."""
    with open(file) as text:
        keys = [bytes.fromhex(key) for key in json.load(text)]
    crowd = [Client(key, gateway, endpoint) for key in keys]
    silent = [number for number, client in enumerate(crowd) if not client.handshake()]
    if silent:
        sys.exit(f"no handshake with clients {silent}")
    print(f"{len(crowd)} handshakes")
    lost = [number for number, client in enumerate(crowd)
            if not any(client.ping(crowd_address(number), target, sequence) for sequence in (1, 2, 3))]
    if lost:
        sys.exit(f"no echo through the tunnels of clients {lost}")
    print(f"{len(crowd)} clients reached {target}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("make-crowd", help="write private keys, print the peers as YAML")
    make.add_argument("count", type=int)
    make.add_argument("file")
    run = commands.add_parser("run-crowd", help="every client shakes hands and pings the target")
    run.add_argument("file")
    run.add_argument("gateway_key")
    run.add_argument("gateway_address")
    run.add_argument("gateway_port", type=int)
    run.add_argument("target")
    args = parser.parse_args()
    if args.command == "make-crowd":
        make_crowd(args.count, args.file)
    else:
        run_crowd(args.file, base64.b64decode(args.gateway_key), (args.gateway_address, args.gateway_port),
                  args.target)


if __name__ == "__main__":
    main()
