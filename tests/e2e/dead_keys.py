#!/usr/bin/python3
"""What a running gateway's memory and its core dump hold of keys: nothing of the dead ones, and the live
ones in locked memory that is not dumped.

    dead_keys.py DIRECTORY PID GATEWAY ADDRESS PORT SOCKET INNER TARGET

DIRECTORY has the keys: wg0.key, alice.key and alice.psk, bob.psk, new.key for the gateway, and late.psk, which
was bob's. PID's wg(8) interface is SOCKET. In the
end it makes the gateway dump its core into DIRECTORY, if the kernel's core_pattern lets it."""

import base64
import glob
import os
import signal
import subprocess
import sys
import time

from nacl import bindings

import memory
from wgclient import Client

HANDSHAKES = 4  # the last session is the current one, that before it the previous one; two are dead
PATIENCE = 10


class Witness(Client):
    """A client that remembers all secrets it ever shared with the gateway."""

    secrets = None

    def consume_response(self, message):
        ephemeral, chain = self.ephemeral, self.chain
        if not super().consume_response(message):
            return False
        theirs = message[12:44]
        self.secrets = {
            "send key": self.send_key,
            "receive key": self.receive_key,
            "chaining key of the initiation": chain,
            "es": bindings.crypto_scalarmult(ephemeral, self.gateway),
            "ee": bindings.crypto_scalarmult(ephemeral, theirs),
            "se": bindings.crypto_scalarmult(self.private, theirs),
        }
        return True


def key_in(path):
    with open(path) as text:
        return base64.b64decode(text.read())


def ways_to_write(name, key):
    """The parts of a key as bytes, and of both texts that wg(8) and its sockets know: what is freed is soon
    overwritten at its ends."""
    texts = {"as bytes": (key, 16), "in base64": (base64.b64encode(key)[:42], 14),
             "in hexadecimal": (key.hex().encode(), 32)}
    return {f"{name}, {way}, from {start}": text[start:start + size]
            for way, (text, size) in texts.items() for start in range(0, len(text), size)}


def expect(what, wrong):
    if wrong:
        sys.exit(f"{what}: {'; '.join(sorted(wrong))}")
    print(f"ok: {what}")


def expect_gone(what, pid, secrets):
    """Within PATIENCE no memory of the process holds any of them."""
    deadline = time.monotonic() + PATIENCE
    while True:
        left = [f"{name} at {mapping}" for name, mapping in memory.find_in_process(pid, secrets)]
        if not left or time.monotonic() > deadline:
            return expect(what, left)


def handshakes(client, inner, target):
    """The secrets of each session, oldest first."""
    sessions = []
    for number in range(HANDSHAKES):
        if not client.handshake() or not any(client.ping(inner, target, number * 3 + i, 1) for i in range(1, 4)):
            sys.exit("no session")
        sessions.append({f"{name} of session {number}": key for name, key in client.secrets.items()})
        time.sleep(0.05)  # initiations of one peer within 20 ms are refused
    return sessions


def dump_core(directory, pid):
    """The core file of a process that is made to abort, or nothing if the kernel hands cores elsewhere."""
    with open("/proc/sys/kernel/core_pattern") as pattern:
        if "/" in (text := pattern.read()) or "|" in text:
            return None
    os.kill(pid, signal.SIGABRT)
    deadline = time.monotonic() + PATIENCE * 3
    while os.path.exists(f"/proc/{pid}/exe") and time.monotonic() < deadline:
        time.sleep(0.05)
    return next(iter(glob.glob(f"{directory}/*core*")), None)


def main():
    directory, pid, gateway, address, port, interface, inner, target = sys.argv[1:]
    pid = int(pid)
    bob = key_in(f"{directory}/bob.psk")
    live_static = {
        "the gateway's private key": key_in(f"{directory}/wg0.key"),
        "alice's preshared key": key_in(f"{directory}/alice.psk"),
    }
    client = Witness(key_in(f"{directory}/alice.key"), base64.b64decode(gateway), (address, int(port)),
                     live_static["alice's preshared key"])
    sessions = handshakes(client, inner, target)
    live = live_static | {name: key for name, key in sessions[-1].items() if "send" in name or "receive" in name}
    dead = {name: key for session in sessions[:-2] for name, key in session.items()}
    dead |= {name: key for session in sessions[-2:] for name, key in session.items()
             if "send" not in name and "receive" not in name}

    found = memory.find_in_process(pid, live)
    expect("live keys are found where they are", set(live) - {name for name, _ in found})
    expect("and only in locked memory that is not dumped",
           [f"{name} at {mapping}" for name, mapping in found if not mapping.is_guarded])
    expect_gone("nothing is left of replaced sessions and finished handshakes", pid, dead)

    expect_gone("nothing is left of a preshared key that REST took back", pid,
                ways_to_write("it", key_in(f"{directory}/late.psk")))

    removed = ways_to_write("bob's preshared key", bob)
    expect("bob's preshared key is there", set() if memory.find_in_process(pid, {"it": bob}) else {"it is not"})
    subprocess.run(["wg", "set", interface, "peer", key_text(f"{directory}/bob.pub"), "remove"], check=True)
    expect_gone("nothing is left of a removed peer's preshared key", pid, removed)

    old = ways_to_write("the old private key", live.pop("the gateway's private key"))
    subprocess.run(["wg", "set", interface, "private-key", f"{directory}/new.key"], check=True)
    live["the new private key"] = key_in(f"{directory}/new.key")
    replaced = {name: key for name, key in live.items() if "session" in name}
    live = {name: key for name, key in live.items() if "session" not in name}
    expect_gone("nothing is left of a replaced private key and of its sessions", pid, old | replaced)

    core = dump_core(directory, pid)
    if core is None:
        print("no core dump: the kernel's core_pattern hands it elsewhere")
        return
    expect("a core dump holds no key, dead or alive", memory.find_in_file(core, live | dead | removed | old | replaced))


def key_text(path):
    with open(path) as text:
        return text.read().strip()


if __name__ == "__main__":
    main()
