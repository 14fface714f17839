#!/usr/bin/env python3
"""Asks the DPDK telemetry socket of one process: telemetry.py PID COMMAND... Prints each answer as JSON in a
line. Processes without files of their own share a folder, so the socket is told by the pid in its greeting."""
import glob
import json
import socket
import sys


def connect(pid):
    for path in glob.glob("/var/run/dpdk/*/dpdk_telemetry.v2*"):
        client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        client.settimeout(5)
        try:
            client.connect(path)
            greeting = json.loads(client.recv(1024))
        except OSError:
            continue  # left by a process that was killed
        if greeting["pid"] == pid:
            return client, greeting
    sys.exit(f"no telemetry socket of process {pid}")


def main(pid, *commands):
    client, greeting = connect(int(pid))
    print(json.dumps(greeting))
    for command in commands:
        client.send(command.encode())
        print(client.recv(greeting["max_output_len"]).decode())


if __name__ == "__main__":
    main(*sys.argv[1:])
