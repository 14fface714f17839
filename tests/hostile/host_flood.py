#!/usr/bin/python3
"""Floods a gateway's host stack with frames of one kind, as fast as it can, until it is ended.

    host_flood.py arp|nd|icmp|bgp INTERFACE GATEWAY_MAC GATEWAY_V4 GATEWAY_V6 SEED
"""

import random
import socket
import struct
import sys

FRAMES = 4096  # different ones, over and over


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ipv4(source, destination, protocol, payload):
    header = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0, 64, protocol, 0, source, destination)
    return header[:10] + struct.pack(">H", checksum(header)) + header[12:] + payload


def ipv6(source, destination, payload):
    header = struct.pack(">IHBB16s16s", 6 << 28, len(payload), 58, 255, source, destination)
    pseudo = source + destination + struct.pack(">II", len(payload), 58)
    return header + payload[:2] + struct.pack(">H", checksum(pseudo + payload)) + payload[4:]


def frame(kind, to, v4, v6, chance):
    mac = b"\x02" + chance.randbytes(5)
    source4 = bytes([10, 99, chance.randrange(256), chance.randrange(1, 255)])
    source6 = socket.inet_pton(socket.AF_INET6, "fe80::") [:8] + chance.randbytes(8)
    if kind == "arp":
        return b"\xff" * 6 + mac + b"\x08\x06" + struct.pack(
            ">HHBBH6s4s6s4s", 1, 0x800, 6, 4, 1, mac, source4, bytes(6), v4) + bytes(18)
    if kind == "nd":
        solicitation = struct.pack(">BBHI16s", 135, 0, 0, 0, v6) + b"\x01\x01" + mac
        return to + mac + b"\x86\xdd" + ipv6(source6, v6, solicitation)
    if kind == "icmp":
        body = struct.pack(">BBHHH", 8, 0, 0, 1, 1) + bytes(24)
        body = body[:2] + struct.pack(">H", checksum(body)) + body[4:]
        return to + mac + b"\x08\x00" + ipv4(source4, v4, 1, body)
    tcp = struct.pack(">HHIIBBHHH", chance.randrange(1024, 65536), 179, chance.getrandbits(32), 0, 0x50, 2, 1024, 0, 0)
    tcp = tcp[:16] + struct.pack(">H", checksum(source4 + v4 + struct.pack(">HH", 6, len(tcp)) + tcp)) + tcp[18:]
    return to + mac + b"\x08\x00" + ipv4(source4, v4, 6, tcp)


def main():
    kind, interface, mac, v4, v6, seed = sys.argv[1:]
    chance = random.Random(int(seed))
    to = bytes.fromhex(mac.replace(":", ""))
    v4, v6 = socket.inet_pton(socket.AF_INET, v4), socket.inet_pton(socket.AF_INET6, v6)
    frames = [frame(kind, to, v4, v6, chance) for _ in range(FRAMES)]
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as out:
        out.bind((interface, 0))
        while True:
            for each in frames:
                try:
                    out.send(each)
                except OSError:
                    pass  # no buffers: as fast as it can


if __name__ == "__main__":
    main()
