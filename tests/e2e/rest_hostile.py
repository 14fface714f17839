#!/usr/bin/env python3
"""What no client of REST should send, and what no reader should do. Run inside the gateway's namespace.

    rest_hostile.py HOST PORT TUNNEL PID TOKEN
"""
import base64
import http.client
import json
import os
import random
import select
import socket
import sys
import threading
import time

host, port, tunnel, pid, token = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4], sys.argv[5]
failures = []
AUTHORIZED = {"Authorization": "Bearer " + token, "Content-Type": "application/json"}
PEERS = f"/api/v1/tunnels/{tunnel}/peers/"


def check(ok, *what):
    print("ok:" if ok else "FAULT:", *what, flush=True)
    if not ok:
        failures.append(what)


def connect(timeout=20):
    return socket.create_connection((host, port), timeout=timeout)


def read_all(connection):
    data = b""
    try:
        while piece := connection.recv(65536):
            data += piece
    except OSError:
        pass
    return data


def send_raw(data):
    """The status that comes back for these bytes; 0: closed without a word."""
    with connect() as connection:
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        answer = read_all(connection)
    return int(answer.split(b" ")[1]) if answer.startswith(b"HTTP/1.1 ") else 0


def ask(method, path, body=None, headers=None):
    connection = http.client.HTTPConnection(host, port, timeout=60)
    connection.request(method, path, body, headers or {})
    response = connection.getresponse()
    text = response.read()
    connection.close()
    return response.status, response, text


def is_well():
    return ask("GET", "/healthz")[0] == 200


def memory_kib():
    with open(f"/proc/{pid}/status") as status:
        return int(next(line for line in status if line.startswith("VmRSS")).split()[1])


def descriptors():
    return len(os.listdir(f"/proc/{pid}/fd"))


def get(head, line="GET /healthz HTTP/1.1"):
    return line.encode() + b"\r\nHost: localhost\r\n" + head + b"\r\n"


class Trickler(threading.Thread):
    """Sends a byte now and then, and notes how long it was let."""

    def __init__(self, data, pause):
        super().__init__(daemon=True)
        self.data, self.pause, self.lasted = data, pause, None

    def run(self):
        began = time.monotonic()
        with connect() as connection:
            for at in range(len(self.data)):
                try:
                    connection.sendall(self.data[at:at + 1])
                except OSError:
                    break
                if select.select([connection], [], [], self.pause)[0]:
                    break
        self.lasted = time.monotonic() - began


def malformed():
    for what, data, wanted in [
        ("no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20 + b"\r\n\r\n", [400]),
        ("a bare line feed", b"GET / HTTP/1.1\nHost: localhost\n\n", [0]),
        ("two lengths", get(b"Content-Length: 1\r\nContent-Length: 2\r\n") + b"xx", [400]),
        ("a length that is none", get(b"Content-Length: -1\r\n"), [400]),
        ("a chunked body", get(b"Transfer-Encoding: chunked\r\n") + b"0\r\n\r\n", [411]),
        ("a header that is continued", get(b"X: a\r\n b\r\n"), [400]),
        ("a zero byte in a header", get(b"X: \0\r\n"), [400]),
        ("10,000 headers", get(b"X: a\r\n" * 10000), [431, 0]),
        ("a header of 1 MB", get(b"X: " + b"a" * 1000000 + b"\r\n"), [431, 0]),
        ("a path of 100 kB", get(b"", "GET /" + "a" * 100000 + " HTTP/1.1"), [414, 0]),
        ("a body of 2 MB", get(b"Content-Length: 2000000\r\n") + b" " * 2000000, [413, 0]),
        ("a compressed body", get(b"Content-Encoding: gzip\r\nContent-Length: 3\r\n") + b"abc", [415]),
        ("half a body", get(b"Content-Length: 10\r\n", "PUT / HTTP/1.1") + b"abc", [0]),
        ("another version", get(b"", "GET / HTTP/3.0"), [400]),
        ("an unknown method", get(b"", "FROBNICATE / HTTP/1.1"), [400, 405]),
        ("a path outside", get(b"", "GET /api/v1/../../etc/passwd HTTP/1.1"), [404]),
        ("an encoded path outside", get(b"", "GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1"), [404]),
        ("a path of bad UTF-8", get(b"", f"GET /api/v1/tunnels/%ff%fe%00 HTTP/1.1"), [404]),
        ("a path that is a whole address", get(b"", "GET http://evil.example/healthz HTTP/1.1"), [400, 404]),
        ("no Host", b"GET /healthz HTTP/1.1\r\n\r\n", [403]),
    ]:
        status = send_raw(data)
        check(status in wanted, f"{what}: {status}")


def bodies():
    path = PEERS + base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")
    for what, body, wanted in [
        ("half an object", b'{"name": ', [400]),
        ("bad UTF-8", b'{"name": "\xff\xfe"}', [400]),
        ("a list", b"[]", [422]),
        ("nothing", b"", [400]),
        ("100,000 brackets", b'{"allowed_ips":' + b"[" * 100000, [400]),
        ("100,000 objects", b'{"a":' * 100000 + b"1" + b"}" * 100000, [400]),
        ("a number beyond all numbers", b'{"persistent_keepalive_seconds": 1e999999}', [400, 422]),
        ("100,000 names", json.dumps({f"n{i}": i for i in range(50000)}).encode(), [413]),
        ("a name with an end of line", b'{"name": "a\\nb"}', [422]),
        ("a name of 100 kB", b'{"name": "' + b"a" * 100000 + b'"}', [413]),
        ("YAML", b'{"name": "*a", "allowed_ips": &x [*x]}', [400]),
    ]:
        status, _, text = ask("PUT", path, body, AUTHORIZED)
        check(status in wanted, f"a body of {what}: {status}")
    check(ask("GET", path)[0] == 404, "and no peer came of it")


def crowd():
    """1,000 connections that say nothing, or not enough: others are served all the same."""
    idle = []
    for number in range(1000):
        connection = connect()
        if number % 2:
            connection.sendall(b"GET / HT")
        idle.append(connection)
        if number % 100 == 99:
            check(is_well(), f"others are served beside {number + 1} connections")
    check(descriptors() < 900, f"not all of them are kept: {descriptors()} descriptors")
    for connection in idle:
        connection.close()


def guesses():
    """A token is not found by trying."""
    wrong = dict(AUTHORIZED, Authorization="Bearer wrong")
    statuses = [ask("POST", "/api/v1/reload", None, wrong)[0] for _ in range(60)]
    check(set(statuses) <= {401, 429} and 429 in statuses, f"60 wrong tokens: {statuses.count(429)} of them 429")
    _, response, text = next(answer for answer in iter(lambda: ask("POST", "/api/v1/reload", None, wrong), None)
                             if answer[0] == 429)
    check(response.getheader("Retry-After") == "1" and json.loads(text)["status"] == 429, "with Retry-After")
    deadline = time.monotonic() + 20
    while ask("GET", "/healthz")[0] == 429 and time.monotonic() < deadline:
        time.sleep(0.2)
    check(is_well(), "and after a while the address is served again")


def open_stream(receive_buffer=None):
    connection = socket.socket()
    if receive_buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.settimeout(30)
    connection.connect((host, port))
    connection.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return connection, connection.recv(9)


def readers():
    streams = [open_stream(4096 if number == 0 else None) for number in range(32)]
    check(all(head == b"HTTP/1.1 " for _, head in streams), "32 readers of events")
    check(ask("GET", "/api/v1/events")[0] == 503, "and not one more")
    check(is_well(), "who keep nobody busy")
    return [connection for connection, _ in streams]


def many_changes(count):
    """Each is an event. One connection, as a script would."""
    connection = http.client.HTTPConnection(host, port, timeout=20)
    for number in range(count):
        body = json.dumps({"persistent_keepalive_seconds": number % 2})
        connection.request("PATCH", PEERS + "bob", body, AUTHORIZED)
        response = connection.getresponse()
        response.read()
        if response.status != 200:
            return response.status
    return 200


def is_cut(connection):
    """The other side has closed: what it could not send is lost with it."""
    connection.settimeout(1)
    try:
        while connection.recv(65536):
            pass
        return True
    except TimeoutError:
        return False
    except OSError:
        return True


random.seed(1)
before = memory_kib()
slow_head = Trickler(get(b"X: " + b"a" * 500 + b"\r\n"), 0.5)
slow_body = Trickler(get(b"Content-Length: 500\r\n", "PUT / HTTP/1.1") + b"a" * 500, 0.3)
tricklers = [slow_head, slow_body] + [Trickler(b"GET / HTTP/1.1\r\nX: " + b"a" * 500, 0.4) for _ in range(50)]
for trickler in tricklers:
    trickler.start()
streams = readers()
check(many_changes(900) == 200, "900 changes, each an event for 32 readers")
unread_since = time.monotonic()
malformed()
bodies()
for trickler in tricklers:
    trickler.join(30)
longest = max(trickler.lasted or 999 for trickler in tricklers)
check(longest < 20, f"who sends a byte now and then is cut off: after {longest:.0f} s")
time.sleep(max(0, unread_since + 12 - time.monotonic()))  # reading too soon would spare it
check(is_cut(streams[0]), "so is a reader that does not read")
check(b"configuration_changed" in streams[1].recv(65536), "while the others have their events")
for stream in streams:
    stream.close()
crowd()
guesses()
for _ in range(300):
    send_raw(bytes(random.randrange(256) for _ in range(random.randrange(400))) + b"\r\n\r\n")
check(is_well(), "random bytes harm nobody")
after = memory_kib()
check(after - before < 40 * 1024, f"memory: {before} KiB before, {after} KiB after")
print(f"{len(failures)} faults")
sys.exit(1 if failures else 0)
