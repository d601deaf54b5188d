"""A fresh hub that serves, and people who may use it: members, an operator, the holder of a key."""

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
import subprocess
import time
import urllib.parse

PASSWORD = "correct horse battery staple"
MEMBER, STAFF = "__Host-vultus-session", "__Host-vultus-operator"


def totp(secret, step):
    """RFC 6238 with SHA-1, six digits, steps of 30 s."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.new(key, step.to_bytes(8, "big"), hashlib.sha1).digest()
    at = mac[-1] & 15
    return f"{(int.from_bytes(mac[at : at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


class Hub:
    """`vultus-hub serve` on loopback, its commands, and plain calls of its API."""

    def __init__(self, program, folder):
        self.program, self.folder = program, pathlib.Path(folder)
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("VULTUS_HUB_")}
        self.environment["VULTUS_HUB_DATA"] = str(self.folder / "hub")
        # Attempts are counted by network: behind a proxy that is believed, every caller here can have one of its own.
        self._addresses = (f"198.18.{high}.{low}" for high in itertools.count() for low in range(1, 255))
        self.run("init")
        self.log = open(self.folder / "hub.log", "wb")
        self.process = subprocess.Popen(
            [program, "serve", "--listen", "127.0.0.1:0", "--web", "127.0.0.1:0", "--proxy", "127.0.0.1", "--metrics", "off", "--json"],
            env=self.environment, stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.url = self._listening()
        self._connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.url).netloc, timeout=60)

    def _listening(self):
        for line in self.process.stdout:
            announced = json.loads(line)
            if announced["listening"] == "web":
                return announced["url"]
        raise SystemExit("the hub did not start:\n" + (self.folder / "hub.log").read_text(errors="replace"))

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)
        self.log.close()

    def run(self, *words, stdin=None):
        done = subprocess.run([self.program, *words], env=self.environment, input=stdin, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"vultus-hub {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout.strip()

    def address(self):
        """An address that nobody has called from yet."""
        return next(self._addresses)

    def mailed_token(self, mailbox):
        """The token in the newest mail to a mailbox: from the outbox, or from the file that the hub made of it."""
        try:
            return self.run("admin", "mail", "show", mailbox, "--token")
        except RuntimeError:
            for path in sorted((self.folder / "hub" / "mail").glob("*.eml"), reverse=True):
                mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
                if mailbox in mail["To"]:
                    return re.search(r"vmt_[\w-]+", mail.get_body(("plain",)).get_content())[0]
            raise

    def call(self, method, path, body=None, headers=None):
        """- Returns: status, headers, body read as JSON."""
        sent = {"X-Forwarded-For": self.address(), **(headers or {})}
        if body is not None:
            body, sent["Content-Type"] = json.dumps(body), "application/json"
        self._connection.request(method, path, body, sent)
        answer = self._connection.getresponse()
        data = answer.read()
        return answer.status, answer.headers, json.loads(data) if data else None


class Person:
    """Somebody with a mailbox, and the session they have now."""

    def __init__(self, hub, mailbox, prefix, cookie):
        self.hub, self.mailbox, self.prefix, self.cookie = hub, mailbox, prefix, cookie
        self.password = PASSWORD
        self.token = self.csrf = ""

    def sign_in(self):
        status, headers, body = self.hub.call("POST", f"{self.prefix}/session", {"email": self.mailbox, "password": self.password})
        if status != 201:
            return False
        self.token = next(
            value.split(";")[0].split("=", 1)[1] for value in headers.get_all("Set-Cookie") if value.startswith(self.cookie + "="))
        self.csrf = body["csrfToken"]
        return True

    def is_good(self):
        """Whether the session holds, and may do everything that its role may."""
        if self.cookie == STAFF:
            return self.call("GET", "/v1/operator/session")[0] == 200
        status, _, profile = self.call("GET", "/v1/account")
        if status != 200 or profile["member"]["role"] != "owner":
            return False
        return profile["account"]["standing"] in (("active",) if profile["account"]["kind"] == "individual" else ("active", "pending"))

    def call(self, method, path, body=None):
        return self.hub.call(method, path, body, {"Cookie": f"{self.cookie}={self.token}", "X-CSRF-Token": self.csrf})


_numbers = itertools.count(1)


def owner(hub, kind="individual"):
    """The owner of a new account, signed in; an individual's account is active, an enterprise's has its domain to prove."""
    number = next(_numbers)
    mailbox = f"owner@person{number}.example"
    hub.run("admin", "account", "open", f"{kind} {number}", "--email", mailbox, "--kind", kind)
    hub.run("admin", "account", "activate", hub.mailed_token(mailbox), "--accept", stdin=PASSWORD + "\n")
    person = Person(hub, mailbox, "/v1/account", MEMBER)
    if not person.sign_in():
        raise RuntimeError(f"{mailbox} cannot sign in")
    return person


def administrator(hub):
    """An operator with every right, signed in."""
    mailbox = f"staff{next(_numbers)}@hub.example"
    hub.run("admin", "operator", "invite", mailbox, "--role", "administrator")
    hub.run("admin", "operator", "accept", hub.mailed_token(mailbox), stdin=PASSWORD + "\n")
    person = Person(hub, mailbox, "/v1/operator", STAFF)
    if not person.sign_in():
        raise RuntimeError(f"{mailbox} cannot sign in")
    return person


def key(person):
    """The secret of a new key of somebody's account."""
    _, _, application = person.call("POST", "/v1/account/applications", {"name": "schema test"})
    _, _, issued = person.call("POST", "/v1/account/keys", {"application": application["id"], "name": "schema test"})
    return issued["secret"]


def now_step():
    return int(time.time()) // 30
