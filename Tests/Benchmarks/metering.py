"""What metering costs: authenticated, metered calls against a bare route of the same server, and records of devices taken in
against the database alone.

Calls are `face.compare` on two stored templates, sent by wrk over TLS on 32 connections; the bare route is /healthz, sent the same
way. Records come as journal batches over mutual TLS, built and signed beforehand so that only the hub works while it is timed;
beside them the same entries are inserted, batch by batch and durably, into a table with a key.
"""

import argparse
import base64
import datetime
import hashlib
import http.client
import json
import os
import pathlib
import re
import sqlite3
import ssl
import subprocess
import tempfile
import time
import urllib.parse

ROUNDS = 3
SECONDS = 5
CONNECTIONS = 32
BATCH, BATCHES = 500, 20
PASSWORD = "correct horse battery staple"


class Hub:
    """`vultus-hub serve` in a folder of its own, with an account that may call and pay for everything here."""

    def __init__(self, program, folder, database=None):
        self.program, self.folder = program, pathlib.Path(folder)
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("VULTUS_HUB_")}
        self.environment["VULTUS_HUB_DATA"] = str(self.folder / "hub")
        if database:
            self.environment["VULTUS_HUB_DATABASE"] = database
        self.run("init")
        self.run("admin", "account", "open", "bench", "--email", "owner@bench.example")
        token = self.run("admin", "mail", "show", "owner@bench.example", "--token")
        self.run("admin", "account", "activate", token, "--accept", stdin=PASSWORD + "\n")
        for api in ("face.compare", "face.enrol"):
            self.run("price", "set", api, "--price", "0.01", "--lease-units", str(BATCH * BATCHES))
            self.run("catalogue", "terms", api, "--calls", "1000000", "--seconds", "1")
            self.run("quota", "set", "bench", api, "--units", "1000000000")
        self.run("billing", "credit", "bench", "1000000")
        with open(self.folder / "hub.log", "wb") as log:
            self.process = subprocess.Popen(
                [program, "serve", "--listen", "127.0.0.1:0", "--metrics", "off", "--json"], env=self.environment, stdout=subprocess.PIPE, stderr=log, text=True)
        self.url = json.loads(self.process.stdout.readline())["url"]
        self.authority = str(self.folder / "hub/keys/authority.pem")
        self.connection = self.connect()

    def run(self, *words, stdin=None):
        return subprocess.run([self.program, *words], env=self.environment, input=stdin, check=True, capture_output=True, text=True).stdout.strip()

    def connect(self, certificate=None):
        context = ssl.create_default_context(cafile=self.authority)
        if certificate:
            context.load_cert_chain(*certificate)
        return http.client.HTTPSConnection(urllib.parse.urlsplit(self.url).netloc, context=context, timeout=120)

    def call(self, method, path, body=None, headers=None, connection=None):
        """- Returns: status and body, read as JSON."""
        connection, headers = connection or self.connection, {"Content-Type": "application/json", **(headers or {})}
        connection.request(method, path, json.dumps(body) if isinstance(body, dict) else body, headers)
        answer = connection.getresponse()
        self.answer_headers, data = answer.headers, answer.read()
        if answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer.status} {data[:500]}")
        return json.loads(data) if data else None

    def stop(self):
        self.process.terminate()
        self.process.wait()


def key(hub):
    """- Returns: the header with a new key of an application that may compare and enrol."""
    session = hub.call("POST", "/v1/account/session", {"email": "owner@bench.example", "password": PASSWORD})
    signed_in = {"Cookie": hub.answer_headers["Set-Cookie"].split(";")[0], "X-CSRF-Token": session["csrfToken"]}
    application = hub.call("POST", "/v1/account/applications", {"name": "bench"}, signed_in)["id"]
    for api in ("face.compare", "face.enrol"):
        hub.call("POST", f"/v1/account/applications/{application}/entitlements", {"api": api}, signed_in)
    secret = hub.call("POST", "/v1/account/keys", {"application": application, "name": "bench"}, signed_in)["secret"]
    return {"Authorization": f"Bearer {secret}"}


def comparison(hub, header, pictures):
    """- Returns: the body of a comparison of two templates, both stored."""
    gallery = hub.call("POST", "/v1/galleries", {"name": "bench"}, header)["id"]
    templates = []
    for number, picture in enumerate(pictures):
        consent = {"reference": "bench", "purpose": "bench", "given": "2026-01-01T00:00:00Z", "expires": "2031-01-01T00:00:00Z"}
        person = hub.call("POST", f"/v1/galleries/{gallery}/persons", {"label": f"{number}", "consent": consent}, header)["id"]
        image = {**header, "Content-Type": "image/jpeg"}
        templates.append(hub.call("POST", f"/v1/galleries/{gallery}/persons/{person}/templates", pathlib.Path(picture).read_bytes(), image)["id"])
    body = {"gallery": gallery, "template": templates[0], "referenceTemplate": templates[1]}
    hub.call("POST", "/v1/compare", body, header)
    return json.dumps(body)


MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


def wrk(url, script=None):
    """- Returns: calls a second and the 99th percentile of their times in milliseconds."""
    words = ["wrk", "-t", "2", "-c", str(CONNECTIONS), "-d", f"{SECONDS}s", "--latency"] + (["-s", str(script)] if script else []) + [url]
    text = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in text or "Socket errors" in text:
        raise SystemExit(f"wrk was not answered as it should be:\n{text}")
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
    return {"per_second": float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]), "p99_ms": float(number) * MILLISECONDS[unit]}


def calls(hub, pictures):
    """Bare and metered in turns; the best round of each counts."""
    header = key(hub)
    script = hub.folder / "compare.lua"
    script.write_text(
        f"wrk.method = 'POST'\nwrk.headers['Content-Type'] = 'application/json'\nwrk.headers['Authorization'] = '{header['Authorization']}'\n"
        f"wrk.body = '{comparison(hub, header, pictures)}'\n")
    bare, metered = [], []
    for _ in range(ROUNDS):
        bare.append(wrk(hub.url + "/healthz"))
        metered.append(wrk(hub.url + "/v1/compare", script))
    best = lambda rounds: max(rounds, key=lambda one: one["per_second"])
    return {"bare": best(bare), "metered": best(metered), "ratio": round(best(metered)["per_second"] / best(bare)["per_second"], 4)}


# MARK: Devices


def canonical(*parts):
    """As WireModel's CanonicalBytes: numbers in 8 bytes, everything else after its length."""
    data = b""
    for part in parts:
        if isinstance(part, int):
            data += part.to_bytes(8, "big", signed=True)
        else:
            part = part.encode() if isinstance(part, str) else part
            data += len(part).to_bytes(8, "big") + part
    return data


def openssl(*words, data=None):
    return subprocess.run(["openssl", *map(str, words)], input=data, check=True, capture_output=True).stdout


def unpadded(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def instant(milliseconds):
    return datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.") + f"{milliseconds % 1000:03}Z"


class Device:
    """Joined to a hub; keeps a journal that somebody else would have to believe."""

    def __init__(self, hub, name):
        self.hub, self.secret = hub, hub.folder / f"{name}.key"
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self.secret)
        request = openssl("req", "-new", "-key", self.secret, "-subj", "/CN=bench").decode()
        token = hub.run("device", "token", "bench").splitlines()[0]
        joined = hub.call(
            "POST", "/edge/v1/enrol",
            {"secret": token.removeprefix("vjt_").split(".")[0], "certificateSigningRequest": request, "label": name, "agentVersion": "0"})
        certificate = hub.folder / f"{name}.pem"
        certificate.write_text(joined["certificate"])
        self.id, self.connection = joined["device"], hub.connect((certificate, self.secret))
        self.head, self.previous = 0, bytes(32)
        lease = self.send(self.request([]))["leases"][0]
        self.lease, self.number = json.loads(lease["payload"])["id"], 1

    def entry(self, milliseconds):
        self.head += 1
        body = json.dumps({"outcome": "unknown", "threshold": 0.5, "falseMatchRate": 1e-5, "model": "sface", "overdraft": False})
        parts = (self.id, 1, self.head, "decision", "face.compare", 1, self.lease, milliseconds, 0, body, self.previous)
        before, self.previous = self.previous, hashlib.sha256(canonical("vultus journal entry 1", *parts)).digest()
        return {
            "epoch": 1, "seq": self.head, "kind": "decision", "api": "face.compare", "units": 1, "lease": self.lease, "time": instant(milliseconds),
            "bootMilliseconds": 0, "body": body, "previous": before.hex(), "hash": self.previous.hex()}

    def request(self, entries):
        signed = openssl("dgst", "-sha256", "-sign", self.secret, data=canonical("vultus journal head 1", self.id, 1, self.head, self.previous))
        return json.dumps({
            "agentVersion": "0", "head": {"epoch": 1, "seq": self.head, "hash": self.previous.hex()}, "headSignature": unpadded(raw(signed)),
            "entries": entries, "leases": [{"api": "face.compare", "number": getattr(self, "number", 0)}],
            "deviceTime": instant(int(time.time() * 1000)), "hubEpoch": 1})

    def send(self, body):
        return self.hub.call("POST", "/edge/v1/sync", body, connection=self.connection)


def raw(signature):
    """The two numbers of a DER signature, 32 bytes each."""
    numbers, at = [], 2
    for _ in range(2):
        length = signature[at + 1]
        numbers.append(int.from_bytes(signature[at + 2 : at + 2 + length], "big").to_bytes(32, "big"))
        at += 2 + length
    return b"".join(numbers)


def intake(hub, inserts):
    """Records a second: through the hub, and by `inserts` of the same entries alone; in turns, the best of each."""
    ours, alone = 0.0, 0.0
    for number in range(ROUNDS):
        device = Device(hub, f"device{number}")
        batches = []
        for _ in range(BATCHES):
            entries = [device.entry(int(time.time() * 1000)) for _ in range(BATCH)]
            batches.append((entries, device.request(entries)))
        since = time.perf_counter()
        for _, body in batches:
            answer = device.send(body)
        ours = max(ours, BATCH * BATCHES / (time.perf_counter() - since))
        if answer["acknowledgedThrough"] != device.head or any(one["outcome"] != "accepted" for one in answer["answers"]):
            raise SystemExit(f"the hub did not take the journal: {answer['answers'][:2]}")
        rows = [[(f"{device.id}:1:{one['seq']}", json.dumps(one)) for one in entries] for entries, _ in batches]
        alone = max(alone, BATCH * BATCHES / inserts(rows))
    return {"hub_per_second": round(ours), "alone_per_second": round(alone), "ratio": round(ours / alone, 4)}


def into_sqlite(folder):
    def inserts(batches):
        path = pathlib.Path(folder, "alone.sqlite")
        path.unlink(missing_ok=True)
        database = sqlite3.connect(path, isolation_level=None)
        database.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE record (id TEXT PRIMARY KEY, entry TEXT NOT NULL)")
        since = time.perf_counter()
        for rows in batches:
            database.execute("BEGIN IMMEDIATE")
            database.executemany("INSERT INTO record VALUES (?, ?)", rows)
            database.execute("COMMIT")
        took = time.perf_counter() - since
        database.close()
        return took
    return inserts


def into_postgres(uri):
    psql = ["psql", "--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", uri]

    def inserts(batches):
        quoted = lambda text: "'" + text.replace("'", "''") + "'"
        script = "".join(
            "BEGIN; INSERT INTO record VALUES " + ", ".join(f"({quoted(id)}, {quoted(entry)})" for id, entry in rows) + "; COMMIT;\n" for rows in batches)
        subprocess.run(psql, input="DROP TABLE IF EXISTS record; CREATE TABLE record (id TEXT PRIMARY KEY, entry TEXT NOT NULL)", check=True, text=True)
        since = time.perf_counter()
        subprocess.run(psql, input=script, check=True, text=True)
        return time.perf_counter() - since
    return inserts


def measure(program, pictures, postgres=None):
    """- Parameter postgres: URI of a server whose databases may be filled; nothing is measured there without one."""
    result = {}
    with tempfile.TemporaryDirectory() as folder:
        engines = [("sqlite", None, into_sqlite(folder))] + ([("postgres", postgres, into_postgres(postgres))] if postgres else [])
        for engine, database, inserts in engines:
            place = pathlib.Path(folder, engine)
            place.mkdir()
            hub = Hub(program, place, database)
            try:
                result[engine] = {"calls": calls(hub, pictures), "intake": intake(hub, inserts)}
            finally:
                hub.stop()
            hub.run("database", "verify")
    return result


def lines(result):
    text = [f"metered face.compare of two stored templates against /healthz: one server, TLS, {CONNECTIONS} connections, wrk beside it on this machine"]
    for engine, one in result.items():
        bare, metered = one["calls"]["bare"], one["calls"]["metered"]
        text.append(
            f"{engine:10}{metered['per_second']:8.0f} /s of {bare['per_second']:.0f} /s bare: ratio {one['calls']['ratio']:.3f}; "
            f"p99 {metered['p99_ms']:.1f} ms, bare {bare['p99_ms']:.1f} ms")
    text.append(f"journal entries taken in and charged, {BATCH} a batch over mutual TLS, against inserting the same entries and nothing else")
    for engine, one in result.items():
        text.append(f"{engine:10}{one['intake']['hub_per_second']:8} /s of {one['intake']['alone_per_second']} /s: ratio {one['intake']['ratio']:.3f}")
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hub", required=True)
    parser.add_argument("--pictures", required=True, help="folder of the demo's pictures")
    parser.add_argument("--postgres", help="URI of a server for this alone")
    arguments = parser.parse_args()
    pictures = [pathlib.Path(arguments.pictures, name) for name in ("obama.jpg", "biden.jpg")]
    print("\n".join(lines(measure(arguments.hub, pictures, arguments.postgres))))


if __name__ == "__main__":
    main()
