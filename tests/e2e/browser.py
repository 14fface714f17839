#!/usr/bin/env python3
"""Drives a headless Chromium through its debugging pipe, in real time.

    browser.py PROFILE URL STEP...

Each STEP is one of
    size WxH             the window, in CSS pixels; a phone below 500
    dark | light         what the system prefers
    wait SECONDS EXPR    until the JavaScript expression is true
    expect EXPR          it must be true now
    do EXPR              evaluate it
    sleep SECONDS
    shot FILE            a picture of what is in the window
    full FILE            a picture of the whole page
and is one argument, as in "wait 10 document.title != ''". Prints each step; the status is 0 if all went well,
and neither the page nor its policy had anything to complain of."""
import base64
import json
import os
import subprocess
import sys
import time

FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
         "--remote-debugging-pipe"]


class Browser:
    def __init__(self, profile):
        ours_read, theirs_write = os.pipe()
        theirs_read, ours_write = os.pipe()
        command = ["chromium", *FLAGS, f"--user-data-dir={profile}", "about:blank"]

        def descriptors():  # where Chromium looks for them; moved out of each other's way first
            read, write = os.dup(theirs_read), os.dup(theirs_write)
            os.dup2(read, 3)
            os.dup2(write, 4)

        self.process = subprocess.Popen(command, preexec_fn=descriptors, close_fds=False,
                                        stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(theirs_read)
        os.close(theirs_write)
        self.read, self.write = ours_read, ours_write
        self.rest, self.number, self.session, self.complaints = b"", 0, None, []
        target = next(t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.note(answer)

    def receive(self):
        while b"\0" not in self.rest:
            more = os.read(self.read, 1 << 16)
            if not more:
                raise RuntimeError("the browser has ended")
            self.rest += more
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def note(self, event):
        if event.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(event["params"]["exceptionDetails"])[:600])
        entry = event.get("params", {}).get("entry", {})
        if event.get("method") == "Log.entryAdded" and entry["level"] == "error" and "favicon" not in entry.get("url", ""):
            self.complaints.append(f"{entry['text']} {entry.get('url', '')}")

    def evaluate(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{expression}: {json.dumps(result['exceptionDetails'])[:300]}")
        return result["result"].get("value")

    def picture(self, file, whole):
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
        with open(file, "wb") as out:
            out.write(base64.b64decode(data))

    def step(self, text):
        verb, _, rest = text.partition(" ")
        if verb == "size":
            width, height = map(int, rest.split("x"))
            self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                      mobile=width < 500)
        elif verb in ("dark", "light"):
            self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": verb}])
        elif verb == "wait":
            seconds, _, expression = rest.partition(" ")
            end = time.monotonic() + float(seconds)
            while not self.evaluate(expression):
                if time.monotonic() > end:
                    return False
                time.sleep(0.1)
        elif verb == "expect":
            return bool(self.evaluate(rest))
        elif verb == "do":
            self.evaluate(rest)
        elif verb == "sleep":
            self.evaluate(f"new Promise(done => setTimeout(done, {float(rest) * 1000}))")
        elif verb in ("shot", "full"):
            self.picture(rest, verb == "full")
        else:
            raise ValueError(f"no such step: {verb}")
        return True


def main(profile, url, *steps):
    browser = Browser(profile)
    try:
        browser.call("Page.navigate", url=url)
        for step in steps:
            if not browser.step(step):
                print(f"FAILED: {step}")
                print("the page says:", browser.evaluate("document.body.innerText")[:2000])
                return 1
            print(f"ok: {step[:110]}")
        for complaint in browser.complaints:
            print(f"FAILED: the page complains: {complaint}")
        return 1 if browser.complaints else 0
    finally:
        browser.process.kill()
        browser.process.wait()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
