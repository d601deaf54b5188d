"""A fresh hub that serves, and people who may use it: members, operators, the holder of a key."""

import datetime
import base64
import email
import email.policy
import hashlib
import hmac
import http.client
import itertools
import json
import os
import pathlib
import re
import sqlite3
import ssl
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

APIS = ("face.detect", "face.quality", "face.compare", "face.search", "face.enrol")
PASSWORD = "correct horse battery staple"
MEMBER, STAFF = "__Host-vultus-session", "__Host-vultus-operator"

_numbers = itertools.count(1)


def code(secret):
    """What an authenticator shows now (RFC 6238: SHA-1, six digits, steps of 30 s)."""
    mac = hmac.new(base64.b32decode(secret), (int(time.time()) // 30).to_bytes(8, "big"), hashlib.sha1).digest()
    at = mac[-1] & 15
    return f"{(int.from_bytes(mac[at : at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


class Hub:
    """`vultus-hub serve` on loopback, its commands, and plain calls of its API."""

    def __init__(self, program, folder, *options):
        self.program, self.folder = program, pathlib.Path(folder)
        # Nothing of the caller's own hub.
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("VULTUS_HUB_")}
        self.environment["VULTUS_HUB_DATA"] = str(self.folder / "hub")
        # Attempts are counted by network: behind a proxy that is believed, every call here can come from its own.
        self._addresses = itertools.count()
        self.run("init")
        self.log = self.folder / "hub.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [program, "serve", "--listen", "127.0.0.1:0", "--web", "127.0.0.1:0", "--proxy", "127.0.0.1", "--metrics", "off", "--json", *options],
                env=self.environment, stdout=subprocess.PIPE, stderr=log, text=True)
        announced = (json.loads(line) for line in self.process.stdout)
        urls = {}
        while not {"web", "devices"} <= urls.keys() and (one := next(announced, None)):
            urls[one["listening"]] = one["url"]
        self.url, self.devices = urls.get("web"), urls.get("devices")
        if not self.url:
            raise SystemExit("the hub did not start:\n" + self.log.read_text(errors="replace"))
        self._connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.url).netloc, timeout=60)

    def sell(self, price="0"):
        """Gives every API a price, or nobody could have it."""
        for api in APIS:
            self.run("price", "set", api, "--price", price)

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def run(self, *words, stdin=None):
        done = subprocess.run([self.program, *words], env=self.environment, input=stdin, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"vultus-hub {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout.strip()

    def address(self):
        """An address of RFC 2544's range that nobody has called from yet, or not for 130,000 calls."""
        high, low = divmod(next(self._addresses) % (512 * 254), 254)
        return f"198.{18 + high // 256}.{high % 256}.{low + 1}"

    def mailed_token(self, mailbox):
        """The token in the newest mail to a mailbox: from the outbox, or from the file that the hub has made of it."""
        try:
            return self.run("admin", "mail", "show", mailbox, "--token")
        except RuntimeError:
            for path in sorted((self.folder / "hub" / "mail").glob("*.eml"), reverse=True):
                mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
                if mailbox in mail["To"]:
                    return re.search(r"vmt_[\w-]+", mail.get_body(("plain",)).get_content())[0]
            raise

    def wait(self, label):
        """Has a device wait to be approved, whose key nobody keeps."""
        try:
            self._ask("waiting", {"label": label, "model": ""})
        except urllib.error.HTTPError as refused:
            raise LookupError(f"nobody may wait: {refused.code}") from refused

    def join(self, account, label):
        """- Returns: the id of a new device of the account, whose key nobody keeps."""
        token = json.loads(self.run("device", "token", account, "--json"))["token"]
        return self._ask("enrol", {"secret": token.removeprefix("vjt_").split(".")[0], "label": label})["device"]

    def _ask(self, what, body):
        request = subprocess.run(
            ["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "/dev/null", "-subj", "/CN=tour"],
            capture_output=True, text=True, check=True).stdout
        body = json.dumps({"certificateSigningRequest": request, "agentVersion": "0", **body}).encode()
        sent = urllib.request.Request(f"{self.devices}/edge/v1/{what}", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(sent, context=ssl._create_unverified_context()) as answer:
            return json.load(answer)

    def raise_alert(self, rule, device, account):
        """Written into the hub's own database: a device that nothing is wrong with tells of nothing, and the hub looks but once a minute.

        - Returns: the id of an open alert by the rule, of one that still stands when there is one.
        """
        database = sqlite3.connect(self.folder / "hub" / "hub.sqlite", timeout=60, isolation_level=None)
        try:
            database.execute(
                "INSERT INTO device_alert (id, rule_id, device_id, account_id, state, since_ms, opened_ms, value) VALUES (?, ?, ?, ?, 'open', ?, ?, 1)"
                " ON CONFLICT DO NOTHING",
                (f"dal_{rule.split('_')[1]}", rule, device, account, *[int(time.time() * 1000)] * 2))
            return database.execute("SELECT id FROM device_alert WHERE rule_id = ? AND device_id = ? AND resolved_ms IS NULL", (rule, device)).fetchone()[0]
        finally:
            database.close()

    def call(self, method, path, body=None, headers=None):
        """- Returns: status, headers, body read as JSON."""
        sent = {"X-Forwarded-For": self.address(), **(headers or {})}
        if body is not None:
            body, sent["Content-Type"] = json.dumps(body), "application/json"
        self._connection.request(method, path, body, sent)
        answer = self._connection.getresponse()
        data = answer.read()
        return answer.status, answer.headers, json.loads(data) if data else None


DEFINITION = {"format": "csv", "records": "face", "fields": [{"name": "who", "from": "faces[].person"}]}


def offer(api):
    """What an operator may quote for a variant of that name."""
    return {
        "api": api, "definition": DEFINITION, "unitPrice": "0.015", "currency": "CNY", "monthlyAllowance": 10, "monthlyQuota": 1_000,
        "words": "As discussed.", "validUntil": (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")}


class Person:
    """Somebody with a mailbox, and the session they have now."""

    def __init__(self, hub, mailbox, password=PASSWORD):
        self.hub, self.mailbox, self.password = hub, mailbox, password
        self.prefix, self.cookie = "/v1/account", MEMBER
        self.token = self.csrf = ""

    def sign_in(self):
        """- Returns: whether it was possible."""
        status, headers, body = self.hub.call("POST", f"{self.prefix}/session", {"email": self.mailbox, "password": self.password})
        if status != 201:
            return False
        cookies = (value.split(";")[0].split("=", 1) for value in headers.get_all("Set-Cookie"))
        self.token, self.csrf = dict(cookies)[self.cookie], body["csrfToken"]
        return True

    def call(self, method, path, body=None):
        return self.hub.call(method, path, body, {"Cookie": f"{self.cookie}={self.token}", "X-CSRF-Token": self.csrf})

    def is_good(self):
        """Whether the session holds, and may do all that an owner may."""
        status, _, profile = self.call("GET", "/v1/account")
        # An enterprise here never proves its domain, and so stays pending.
        wanted = {"individual": ("active",), "enterprise": ("active", "pending")}
        return status == 200 and profile["member"]["role"] == "owner" and profile["account"]["standing"] in wanted[profile["account"]["kind"]]


class Operator(Person):
    def __init__(self, hub, mailbox):
        super().__init__(hub, mailbox)
        self.prefix, self.cookie = "/v1/operator", STAFF

    def is_good(self):
        return self.call("GET", "/v1/operator/session")[0] == 200


def owner(hub, kind="individual"):
    """The owner of a new account who has accepted every agreement, signed in."""
    number = next(_numbers)
    person = Person(hub, f"owner@person{number}.example")
    hub.run("admin", "account", "open", f"{kind} {number}", "--email", person.mailbox, "--kind", kind)
    hub.run("admin", "account", "activate", hub.mailed_token(person.mailbox), "--accept", stdin=PASSWORD + "\n")
    if kind == "enterprise":
        # Nothing here leaves the machine, the DNS neither.
        hub.run("admin", "domain", f"{kind} {number}", "--vouch", "schema test")
    return _signed_in(person)


def administrator(hub):
    """An operator with every right, signed in."""
    person = Operator(hub, f"staff{next(_numbers)}@hub.example")
    hub.run("admin", "operator", "invite", person.mailbox, "--role", "administrator")
    hub.run("admin", "operator", "accept", hub.mailed_token(person.mailbox), stdin=PASSWORD + "\n")
    return _signed_in(person)


def release(hub, kind="agent"):
    """- Returns: the id of a new release, published at the shell; there is no route for that."""
    version = f"1.0.{next(_numbers)}"
    folder = hub.folder / f"release-{version}"
    (folder / "bin").mkdir(parents=True)
    program = folder / ("bin/vultus-edge" if kind == "agent" else "manifest.json")
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    key = hub.folder / "release-key"
    if not key.exists():
        hub.run("release", "keygen", str(key))
    hub.run("release", "sign", str(folder), "--key", str(key), "--kind", kind, "--version", version)
    return json.loads(hub.run("release", "publish", str(folder), "--key", f"{key}.pub", "--json"))["id"]


def _signed_in(person):
    if not person.sign_in():
        raise RuntimeError(f"{person.mailbox} cannot sign in")
    return person


def key(person, name="schema test", **wishes):
    """The secret of a new key of somebody's account, whose application may call whatever is sold."""
    return application(person, name, **wishes)[1]


def application(person, name="schema test", **wishes):
    """- Returns: a new application that may call whatever is sold, and the secret of its key."""
    _, _, made = person.call("POST", "/v1/account/applications", {"name": name})
    for api in APIS:
        entitle(person, made["id"], api)
    _, _, issued = person.call("POST", "/v1/account/keys", {"application": made["id"], "name": name, **wishes})
    return made["id"], issued["secret"]


def entitle(person, application, api):
    """- Returns: the entitlement's id; `None` when it was not given."""
    status, _, made = person.call("POST", f"/v1/account/applications/{application}/entitlements", {"api": api})
    return made["id"] if status == 201 else None


def picture(name):
    """A demo picture as the API takes it in JSON."""
    models = pathlib.Path(os.environ.get("VULTUS_MODELS") or pathlib.Path(__file__).parent.parent.parent / ".models")
    return base64.b64encode((models / "demo" / name).read_bytes()).decode()


def consent():
    """What a person has agreed to, as enrolment asks for it."""
    time_of = lambda days: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86_400 * days))
    return {"reference": "paper 1", "purpose": "entrance", "given": time_of(-1), "expires": time_of(300)}
