#!/usr/bin/python3
"""Sends the gateway what no honest client would send, and says which rule gave way if anything is
answered, delivered or believed that must not be."""

import base64
import os
import random
import struct
import subprocess
import sys
import time

import wgclient

PAUSE = 0.5  # long enough for an answer that must not come


class Siege:
    def __init__(self, client, other, wg_interface, inner, other_inner, target):
        self.client, self.other, self.interface = client, other, wg_interface
        self.inner, self.other_inner, self.target = inner, other_inner, target
        self.sequence = 100

    def echo(self, source=None):
        self.sequence += 1
        return wgclient.echo_request(source or self.inner, self.target, self.sequence)

    def silent(self, rule, *messages, client=None):
        """Nothing may come back for any of the messages, sent from a socket of its own."""
        client = client or self.client
        stranger = wgclient.Client(os.urandom(32), client.gateway, client.socket.getpeername()[:2])
        for message in messages:
            stranger.socket.send(message)
        answer = stranger.receive(PAUSE)
        if answer:
            sys.exit(f"{rule}: the gateway answered with {len(answer)} bytes of type {answer[0]}")
        print(f"ok: {rule}")

    def undelivered(self, rule, *messages):
        """None of the messages, each with the current echo request inside, may be answered."""
        for message in messages:
            self.client.socket.send(message)
        if self.client.replies(PAUSE, self.sequence):
            sys.exit(f"{rule}: the packet inside was delivered")
        print(f"ok: {rule}")

    def alive(self, after):
        self.sequence += 1
        if not self.client.ping(self.inner, self.target, self.sequence):
            sys.exit(f"the honest session does not work any more after: {after}")

    def endpoint(self):
        lines = subprocess.run(["wg", "show", self.interface, "endpoints"], check=True, capture_output=True,
                               text=True).stdout.splitlines()
        key = base64.b64encode(self.client.public).decode()
        return next(line.split("\t")[1] for line in lines if line.startswith(key))

    def malformed(self):
        generator = random.Random(1)
        self.silent("noise of every length", *(generator.randbytes(length) for length in range(1, 1400, 7)))
        self.silent("every type with every short length", *(
            struct.pack("<I", kind)[:length] + bytes(max(0, length - 4))
            for kind in range(6) for length in range(1, 160)))
        initiation = self.client.initiation()
        self.silent("an initiation one byte short", initiation[:-1])
        self.silent("an initiation one byte long", initiation + b"\0")
        self.silent("an initiation with reserved bytes set", initiation[:1] + b"\1" + initiation[2:])
        self.silent("an initiation with a bad mac1", flip(initiation, 120))
        self.alive("malformed packets")

    def forged_handshakes(self):
        for name, offset in ("ephemeral", 8), ("static", 40), ("timestamp", 88):
            message = flip(self.client.initiation(), offset)[:116]
            self.silent(f"an initiation with a forged {name} and a good mac1", self.client.with_macs(message))
        stranger = wgclient.Client(os.urandom(32), self.client.gateway, self.client.socket.getpeername()[:2])
        self.silent("an initiation of an unknown key", stranger.initiation())
        low_order = self.client.initiation()[:8] + bytes(32) + self.client.initiation()[40:116]
        self.silent("an initiation with a low-order ephemeral", self.client.with_macs(low_order))
        self.silent("a response to nothing", self.client.with_macs(
            struct.pack("<I", wgclient.RESPONSE) + os.urandom(4) + os.urandom(4) + os.urandom(48)))
        self.silent("a cookie for nothing", struct.pack("<I", wgclient.COOKIE_REPLY) + os.urandom(60))
        self.alive("forged handshakes")

    def replayed_handshakes(self):
        recorded = self.other.initiation()
        self.other.socket.send(recorded)
        if not self.other.consume_response(self.other.receive(3)):
            sys.exit("no answer to an honest initiation")
        self.other.socket.send(self.other.transport(b""))
        time.sleep(0.1)
        self.silent("a replayed initiation", recorded)
        if not self.other.ping(self.other_inner, self.target):
            sys.exit("a replayed initiation harmed the session")

    def forged_transport(self):
        before = self.endpoint()
        packet = self.echo()
        good = self.client.transport(packet)
        self.undelivered("a transport message with a forged tag", flip(good, len(good) - 1))
        self.undelivered("with a forged ciphertext", flip(good, 20))
        self.undelivered("with another counter", flip(good, 8))
        self.undelivered("with another receiver", flip(good, 4))
        self.undelivered("with reserved bytes set", good[:1] + b"\1" + good[2:])
        self.silent("forged transport messages from elsewhere",
                    *(flip(good, at) for at in range(16, len(good))))
        if self.endpoint() != before:
            sys.exit("the endpoint followed a packet that was not authentic")
        print("ok: the endpoint did not follow forged packets")
        self.client.socket.send(good)
        if self.client.replies(3, self.sequence) != 1:
            sys.exit("the genuine message was refused after its forgeries")
        self.undelivered("a replayed transport message", good, good, good)
        self.alive("forged transport messages")

    def replay_window(self):
        old = self.client.transport(self.echo())
        self.client.counter += 8128 + 1
        self.alive("a jump of the counter")
        self.undelivered("a message older than the replay window", old)
        late = self.client.transport(self.echo())
        sequence = self.sequence
        self.alive("a message overtaken")
        self.client.socket.send(late)
        if not self.client.replies(3, sequence):
            sys.exit("a late message inside the replay window was refused")
        print("ok: a late message inside the replay window")

    def inner_packets(self):
        for whose, address in (("another peer's", self.other_inner), ("nobody's", "203.0.113.9"),
                               ("the loopback", "127.0.0.1")):
            self.undelivered(f"a packet from {whose} address", self.client.transport(self.echo(address)))
        packet = self.echo()
        self.undelivered("an inner packet longer than its message",
                         self.client.transport(packet[:2] + struct.pack(">H", 1400) + packet[4:]))
        self.undelivered("an inner header cut short",
                         *(self.client.transport(packet[:length]) for length in range(1, 20)))
        self.undelivered("an inner packet of version 5", self.client.transport(b"\x55" + packet[1:]))
        self.undelivered("an inner IPv6 header cut short", self.client.transport(b"\x60" + packet[1:32]))
        self.alive("bad inner packets")


def flip(message, offset):
    return message[:offset] + bytes([message[offset] ^ 0x40]) + message[offset + 1:]


def main():
    key, other_key, gateway_key, address, port, interface, inner, other_inner, target = sys.argv[1:]

    def client(file):
        with open(file) as text:
            private = base64.b64decode(text.read())
        return wgclient.Client(private, base64.b64decode(gateway_key), (address, int(port)))

    siege = Siege(client(key), client(other_key), interface, inner, other_inner, target)
    if not siege.client.handshake() or not any(siege.client.ping(inner, target, n) for n in range(1, 6)):
        sys.exit("an honest client does not get through")
    siege.malformed()
    siege.forged_handshakes()
    siege.replayed_handshakes()
    siege.forged_transport()
    siege.replay_window()
    siege.inner_packets()


if __name__ == "__main__":
    main()
