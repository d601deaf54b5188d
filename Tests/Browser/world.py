"""A hub, a device that has joined it and knows somebody, and its agent watching a film: what `Tests/Browser` looks at."""

import json
import os
import pathlib
import subprocess
import threading
import time

# What somebody might type: it must be shown as it is.
LABEL = "Ada <b>Lin</b> & 林"
PASSWORD = "correct horse battery staple"


class World:
    def __init__(self, programs, folder, models):
        self.hub, self.edge = pathlib.Path(programs, "vultus-hub"), pathlib.Path(programs, "vultus-edge")
        self.folder, self.demo = pathlib.Path(folder), pathlib.Path(models, "demo")
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("VULTUS_")}
        self.environment |= {
            "VULTUS_HUB_DATA": str(self.folder / "hub"), "VULTUS_EDGE_DATA": str(self.folder / "edge"), "VULTUS_MODELS": str(models)}
        self.run(self.hub, "init")
        self.run(self.hub, "admin", "account", "open", "Acme", "--email", "owner@acme.example")
        token = self.run(self.hub, "admin", "mail", "show", "owner@acme.example", "--token")
        self.run(self.hub, "admin", "account", "activate", token, "--accept", stdin=PASSWORD + "\n")
        self.run(self.hub, "price", "set", "face.search", "--price", "0.015")
        self.run(self.hub, "quota", "set", "Acme", "face.search", "--units", "1000")
        self.run(self.hub, "billing", "credit", "Acme", "100")
        with open(self.folder / "hub.log", "wb") as log:
            self.process = subprocess.Popen(
                [self.hub, "serve", "--listen", "127.0.0.1:0", "--metrics", "off", "--json"], env=self.environment, stdout=subprocess.PIPE, stderr=log, text=True)
        url = next((line["url"] for line in map(json.loads, self.process.stdout) if "url" in line), None)
        if not url:
            raise SystemExit("the hub did not start:\n" + (self.folder / "hub.log").read_text(errors="replace"))
        self.run(self.edge, "join", url, "--token", json.loads(self.run(self.hub, "device", "token", "Acme", "--json"))["token"], "--label", "door")
        self.run(self.edge, "enrol", LABEL, str(self.demo / "obama.jpg"))

    def run(self, *words, stdin=None):
        done = subprocess.run([str(word) for word in words], env=self.environment, input=stdin, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{words[0].name} {' '.join(words[1:])}: {done.stderr.strip()}")
        return done.stdout.strip()

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)


class Agent:
    """`vultus-edge run` with a preview, until stopped."""

    def __init__(self, world, *sources, film=None, rate=12):
        self.lines = []
        self.log = open(world.folder / "edge.log", "ab")
        self.process = subprocess.Popen(
            [world.edge, "run", *sources, "--preview=127.0.0.1:0", "--json", "--processor-share", "1"], env=world.environment,
            stdin=subprocess.PIPE if film else subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log)
        self.url = None
        for line in map(json.loads, self.process.stdout):
            if "preview" in line:
                self.url, self.address = line["preview"], pathlib.Path(line["address"])
                break
        if not self.url:
            raise SystemExit("the agent did not start:\n" + (world.folder / "edge.log").read_text(errors="replace"))
        self.whole = self.address.read_text().strip()
        threading.Thread(target=lambda: self.lines.extend(map(json.loads, self.process.stdout)), daemon=True).start()
        if film:
            threading.Thread(target=self.play, args=(film, rate), daemon=True).start()

    def play(self, film, rate):
        number, start = 0, time.monotonic()
        while self.process.poll() is None:
            try:
                self.process.stdin.write(film[number % len(film)])
                self.process.stdin.flush()
            except (BrokenPipeError, ValueError):
                return
            number += 1
            time.sleep(max(0, start + number / rate - time.monotonic()))

    def stop(self):
        self.process.terminate()
        return self.process.wait(timeout=60)
