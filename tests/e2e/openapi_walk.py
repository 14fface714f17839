#!/usr/bin/env python3
"""Walks everything that /openapi.json describes on a running gateway: each method of each path, as it is
meant to be used and in ways that it must refuse. What comes back has a status that is described and the
body that is described for it. Run inside the gateway's namespace.

    openapi_walk.py HOST:PORT TUNNEL
"""
import base64
import http.client
import json
import os
import sys

failures = []
server, tunnel = sys.argv[1:]


def check(ok, *what):
    if not ok:
        failures.append(" ".join(str(part) for part in what))


def ask(method, path, body=None, headers=None):
    """Status, headers (names in lower case), body; of a stream only what comes at once."""
    connection = http.client.HTTPConnection(server, timeout=20)
    headers = dict(headers or {})
    if body is not None and not isinstance(body, (bytes, str)):
        body = json.dumps(body)
    if body is not None:
        headers.setdefault("Content-Type", "application/json")
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    got = {name.lower(): value for name, value in response.getheaders()}
    text = response.read1(65536) if got.get("content-type") == "text/event-stream" else response.read()
    connection.close()
    return response.status, got, text


api = json.loads(ask("GET", "/openapi.json")[2])


def resolved(schema):
    while "$ref" in schema:
        found = api
        for key in schema["$ref"][2:].split("/"):
            found = found[key]
        schema = found
    return schema


TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float),
         "null": type(None)}


def misfits(value, schema, at="body"):
    schema = resolved(schema)
    wanted = schema.get("type", [])
    wanted = wanted if isinstance(wanted, list) else [wanted]
    fits = any(isinstance(value, TYPES[name]) and not (isinstance(value, bool) and name != "boolean")
               for name in wanted)
    if wanted and not fits:
        yield f"{at}: {value!r} is not {wanted}"
        return
    if isinstance(value, dict) and "properties" in schema:
        for key in schema.get("required", []):
            if key not in value:
                yield f"{at}.{key} is missing"
        for key, inner in value.items():
            if key not in schema["properties"]:
                yield f"{at}.{key} is not described"
            else:
                yield from misfits(inner, schema["properties"][key], f"{at}.{key}")
    if isinstance(value, list):
        for index, inner in enumerate(value):
            yield from misfits(inner, schema.get("items", {}), f"{at}[{index}]")
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is none of {schema['enum']}"


def expect(status, method, template, path=None, body=None, headers=None):
    """Asks, and holds the answer against its description. Returns its JSON."""
    path = path or template.replace("{t}", tunnel)
    got, head, text = ask(method, path, body, headers)
    what = f"{method} {path} {'' if body is None else str(body)[:60]}"
    wanted = status if isinstance(status, (list, tuple)) else [status]
    check(got in wanted, what, "gave", got, "and not", status, text[:200])
    described = api["paths"][template][method.lower()]["responses"]
    check(str(got) in described, what, "gave", got, "which is not described")
    content = described.get(str(got), described["default"]).get("content", {})
    kind = head.get("content-type", "").split(";")[0]
    if not content:
        check(not text, what, "has a body that is not described")
        return None
    kinds = [name.split(";")[0] for name in content]
    check(kind in kinds or (kind.startswith("text/") and "text/plain" in kinds), what, "is", kind, "and not", kinds)
    if not kind.endswith("json"):
        return None
    value = json.loads(text)
    for misfit in misfits(value, content[kind]["schema"]):
        check(False, what, misfit)
    if kind == "application/problem+json":
        check(value["status"] == got, what, "says another status than it has")
        title = described.get(str(got), {}).get("description", value["title"])
        check(value["title"] == title, what, "has the title", value["title"])
    return value


def new_key():
    return base64.b64encode(os.urandom(31) + b"\x40").decode()


def in_path(key):
    return key.replace("+", "-").replace("/", "_").rstrip("=")


PEERS = "/api/v1/tunnels/{t}/peers"
PEER = PEERS + "/{key}"


def peer_path(name):
    return PEER.replace("{t}", tunnel).replace("{key}", name)


def walk_reads():
    for template, methods in api["paths"].items():
        if "get" not in methods:
            continue
        path = template.replace("{t}", tunnel).replace("{key}", "alice")
        expect(200, "GET", template, path)
        got, _, text = ask("HEAD", path)
        check(got == 200 and not text, "HEAD", path, "gave", got, text)
        problem = expect(400, "GET", template, path + "?no-such-parameter=1")
        check(problem["field"] == "no-such-parameter", path, "names", problem.get("field"))
        expect(403, "GET", template, path, headers={"Host": "evil.example"})
        expect(403, "GET", template, path, headers={"Origin": "http://evil.example"})
        if "{t}" in template:
            expect(404, "GET", template, path.replace(tunnel, "nosuch"))
        if "{key}" in template:
            expect(404, "GET", template, path.replace("alice", "nobody"))


def walk_methods():
    for template, methods in api["paths"].items():
        path = template.replace("{t}", tunnel).replace("{key}", "alice")
        known = {name.upper() for name in methods}
        for method in {"GET", "PUT", "PATCH", "POST", "DELETE"} - known:
            got, head, text = ask(method, path)
            check(got == 405, method, path, "gave", got)
            allowed = set(head.get("allow", "").split(", "))
            check(allowed == known, method, path, "allows", allowed, "and not", known)
        for method in known - {"GET"}:
            expect(403, method, template, path, headers={"Origin": "http://evil.example"})
            expect(415, method, template, path, b"{}", {"Content-Type": "text/plain"})
            expect(413, method, template, path, b"{" + b" " * 1048600 + b"}")
            if "requestBody" in methods[method.lower()]:
                expect([400, 422], method, template, path, b"{")
                expect([400, 422], method, template, path, b'{"a":' * 100000)
                expect([400, 422], method, template, path, b'"\xff\xfe"')
                problem = expect(422, method, template, path, {"no_such_field": 1})
                check(problem.get("field") == "no_such_field", method, path, "names", problem.get("field"))


def walk_peers():
    key, other = new_key(), new_key()
    path = peer_path(in_path(key))
    settings = {"name": "walker", "allowed_ips": ["10.77.0.1/32"], "persistent_keepalive_seconds": 7,
                "endpoint": "192.0.2.9:9", "preshared_key": base64.b64encode(os.urandom(32)).decode()}
    described = resolved(api["paths"][PEER]["put"]["requestBody"]["content"]["application/json"]["schema"])
    check(set(described["properties"]) == set(settings) | {"public_key"}, "settings are", set(described["properties"]))
    peer = expect(201, "PUT", PEER, path, settings)
    for field, value in settings.items():
        if field != "preshared_key":
            check(peer[field] == value, "PUT", field, "gave", peer[field])
    check(peer["public_key"] == key and peer["has_preshared_key"], "PUT gave", peer)
    etag = ask("GET", path)[1]["etag"]
    expect(200, "PUT", PEER, path, settings)
    expect(412, "PUT", PEER, path, settings, {"If-None-Match": "*"})
    for method in ("PUT", "PATCH"):
        expect(412, method, PEER, path, settings, {"If-Match": '"0"'})
        expect(409, method, PEER, path, {"allowed_ips": ["10.9.0.11/32"]})
        for field, wrong in {"name": "a b", "public_key": "short", "preshared_key": "short", "endpoint": "nowhere",
                             "allowed_ips": ["10.0.0.0/99"], "persistent_keepalive_seconds": -1}.items():
            problem = expect(422, method, PEER, path, {field: wrong})
            check(problem.get("field") == field, method, field, "names", problem.get("field"))
    expect(404, "PATCH", PEER, peer_path("nobody"), {"name": "somebody"})
    expect(200, "PATCH", PEER, path, {"persistent_keepalive_seconds": 8}, {"If-Match": etag})
    expect(412, "PATCH", PEER, path, {"persistent_keepalive_seconds": 9}, {"If-Match": etag})
    expect(201, "PUT", PEER, peer_path("by-name"), {"public_key": other})
    reset = expect(200, "POST", PEER + "/reset", path + "/reset")
    check(reset["public_key"] == key, "a reset gave", reset)
    expect(404, "POST", PEER + "/reset", peer_path("nobody") + "/reset")
    expect(412, "DELETE", PEER, path, headers={"If-Match": etag})
    expect(200, "DELETE", PEER, path)
    expect(404, "DELETE", PEER, path)
    expect(200, "DELETE", PEER, peer_path("by-name"))


def walk_pages():
    """Peers come and go between pages: one that stays is on exactly one page."""
    problem = expect(400, "GET", PEERS, PEERS.replace("{t}", tunnel) + "?limit=0")
    check(problem["field"] == "limit", "limit: names", problem.get("field"))
    problem = expect(400, "GET", PEERS, PEERS.replace("{t}", tunnel) + "?cursor=x")
    check(problem["field"] == "cursor", "cursor: names", problem.get("field"))
    keys = [new_key() for _ in range(24)]
    for key in keys:
        expect(201, "PUT", PEER, peer_path(in_path(key)), {})
    stay, go, seen, cursor, pages = set(keys[::2]), keys[1::2], [], "", 0
    while cursor is not None:
        page = expect(200, "GET", PEERS, PEERS.replace("{t}", tunnel) + "?limit=4" + (cursor and "&cursor=" + cursor))
        seen += [peer["public_key"] for peer in page["items"]]
        cursor = page["next_cursor"]
        pages += 1
        if page["items"] and page["items"][-1]["public_key"] in go:  # the one that the cursor names
            go.remove(page["items"][-1]["public_key"])
            expect(200, "DELETE", PEER, peer_path(in_path(page["items"][-1]["public_key"])))
        if go:
            expect(200, "DELETE", PEER, peer_path(in_path(go.pop())))
        new = new_key()
        stay_later.append(new)
        expect(201, "PUT", PEER, peer_path(in_path(new)), {})
    check(all(seen.count(key) == 1 for key in stay), "of those who stay, once each:",
          sorted(seen.count(key) for key in stay))
    check(len(seen) == len(set(seen)), "a peer is on two pages")
    check(pages >= 4, "there were", pages, "pages")
    for key in list(stay) + stay_later + go:
        ask("DELETE", peer_path(in_path(key)))


stay_later = []
walk_reads()
walk_methods()
walk_peers()
walk_pages()
expect(200, "POST", "/api/v1/reload")
check(ask("GET", "/api/v2")[0] == 404, "an unknown path is not 404")
for failure in failures[:20]:
    print(failure)
operations = sum(len(methods) for methods in api["paths"].values())
print(f"{operations} operations walked, {len(failures)} faults")
sys.exit(1 if failures else 0)
