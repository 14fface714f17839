#!/usr/bin/python3
"""Sends the gateway an initiation by a clock that is ahead, and tells by its status whether it was answered.

    clock_jump.py KEY_FILE GATEWAY_KEY ADDRESS PORT SECONDS_AHEAD
"""

import base64
import sys
import time

import wgclient


def main():
    key_file, gateway_key, address, port, ahead = sys.argv[1:]
    with open(key_file) as text:
        private = base64.b64decode(text.read())
    client = wgclient.Client(private, base64.b64decode(gateway_key), (address, int(port)))
    client.socket.send(client.initiation(time.time_ns() + int(ahead) * 1_000_000_000))
    answer = client.receive(2)
    sys.exit(0 if answer and client.consume_response(answer) else 1)


if __name__ == "__main__":
    main()
