"""Puts the names of things that exist into generated requests, or most would end at «there is no such thing».

Only into requests that fit the document; into half of them, by the run's seed, and into all of a scenario that builds on
earlier answers. The rest of the request stays as it was generated.
"""

import itertools
import random
import time

import schemathesis

import world

APIS = world.APIS
DOCUMENTS = ("general", "face-data", "api:face.search", "api:face.compare")


class Known:
    def __init__(self, holders, seed):
        self.holders, self.random, self.numbers = holders, random.Random(seed), itertools.count(1)
        self.devices = {}

    def path(self, operation):
        """- Returns: values for the operation's path parameters; none where they cannot be had."""
        for _ in range(2):
            try:
                return {one.name: getattr(self, "import_" if one.name == "import" else one.name)(operation) for one in operation.path_parameters}
            except LookupError:
                # The key's application may no longer do what its holder wants: another one may.
                self.holders.key = ""
        return {}

    # MARK: One for each name of a path parameter

    def api(self, _):
        return self.random.choice(APIS)

    def document(self, _):
        return self.random.choice(DOCUMENTS)

    def number(self, _):
        return "1"

    def application(self, _):
        member = self.holders.member()
        return self._one(member, "/v1/account/applications") or member.call("POST", "/v1/account/applications", {"name": "known"})[2]["id"]

    def key(self, _):
        member = self.holders.member()
        found = self._one(member, "/v1/account/keys", lambda one: "frozen" not in one)
        if not found:
            world.key(member)
            found = self._one(member, "/v1/account/keys", lambda one: "frozen" not in one)
        return found

    def notice(self, _):
        # An account that became active was told so.
        return self._one(self.holders.member(), "/v1/account/notices")

    def member(self, operation):
        return self._one(self.holders.member(operation.path), "/v1/account/members")

    def session(self, operation):
        person = self.holders.operator() if operation.path.startswith("/v1/operator") else self.holders.member()
        return self._one(person, f"{person.prefix}/sessions")

    def account(self, _):
        return self._one(self.holders.operator(), "/v1/operator/accounts")

    def operator(self, _):
        return self._one(self.holders.operator(), "/v1/operator/operators")

    def measure(self, operation):
        order = {"kind": "warning", "ground": "known", "statement": "known"}
        account = self.holders.member().call("GET", "/v1/account")[2]["account"]["id"]
        return self.holders.operator().call("POST", f"/v1/operator/accounts/{account}/measures", order)[2]["id"]

    def entitlement(self, _):
        """Of any state: most generated requests change it."""
        member = self.holders.member()
        found = self._one(member, "/v1/account/entitlements", lambda one: "ended" not in one)
        return found or world.entitle(member, self.application(None), self.random.choice(APIS))

    def product(self, _):
        return self._product()["id"]

    def alert(self, _):
        return self.holders.member().call("POST", "/v1/account/alerts", {"kind": "balance", "level": next(self.numbers), "currency": "CNY"})[2]["id"]

    def month(self, _):
        return time.strftime("%Y-%m", time.gmtime())

    def closure(self, _):
        member = self.holders.member()
        member.call("POST", "/v1/account/closure", {"reason": "known"})
        return self._one(member, "/v1/account/closure", lambda one: one["state"] == "requested")

    def feedback(self, _):
        draft = {"kind": "opinion", "subject": "known", "body": "known"}
        member = self.holders.member()
        return self._one(member, "/v1/account/feedback") or member.call("POST", "/v1/account/feedback", draft)[2]["id"]

    def announcement(self, _):
        both = {"en": "known", "zh": "known"}
        return self.holders.operator().call("POST", "/v1/operator/announcements", {"audience": "everybody", "titles": both, "texts": both})[2]["id"]

    def incident(self, _):
        both = {"en": "known", "zh": "known"}
        order = {"kind": "fault", "impact": "none", "titles": both, "texts": both}
        return self.holders.operator().call("POST", "/v1/operator/incidents", order)[2]["id"]

    def release(self, _):
        return world.release(self.holders.hub)

    def rollout(self, _):
        order = {"release": world.release(self.holders.hub), "stages": [{"percent": 10}, {"percent": 100}]}
        return self.holders.operator().call("POST", "/v1/operator/rollouts", order)[2]["id"]

    def waiting(self, _):
        path, operator = "/v1/operator/devices/waiting", self.holders.operator()
        found = self._one(operator, path)
        if not found:
            # Once as many were refused as one network may have, nobody waits any more.
            self.holders.hub.wait("known")
            found = self._one(operator, path)
        return found

    def device(self, operation):
        if operation.path.startswith("/v1/operator"):
            return self._joined("known")
        return self._joined(self.holders.member().call("GET", "/v1/account")[2]["account"]["id"])

    def rule(self, _):
        return self.holders.operator().call("POST", "/v1/operator/alert-rules", {"condition": "drifting", "level": 1, "scope": "label:site=known"})[2]["id"]

    def deviceAlert(self, _):
        account = self.holders.member().call("GET", "/v1/account")[2]["account"]["id"]
        return self.holders.hub.raise_alert(self.rule(None), self._joined(account), account)

    def ownRule(self, _):
        member, path = self.holders.member(), "/v1/account/device-alert-rules"
        return self._one(member, path) or member.call("POST", path, {"condition": "drifting", "level": 1})[2]["id"]

    def ownAlert(self, _):
        account = self.holders.member().call("GET", "/v1/account")[2]["account"]["id"]
        return self.holders.hub.raise_alert(self.ownRule(None), self._joined(account), account)

    def _joined(self, account):
        """One device an account; «known» is any account."""
        if account == "known":
            account = next(iter(self.devices), None) or self.holders.member().call("GET", "/v1/account")[2]["account"]["id"]
        if account not in self.devices:
            self.devices[account] = self.holders.hub.join(account, "known")
        return self.devices[account]

    def customisation(self, operation):
        if operation.label.endswith(("/accept", "/decline")):
            return self._quoted()["id"]
        return self._asked()["id"]

    def variant(self, operation):
        if operation.path.startswith("/v1/operator"):
            return self._one(self.holders.operator(), "/v1/operator/variants") or self._variant()["id"]
        return self._one(self.holders.member(), "/v1/account/variants") or self._variant()["id"]

    def webhook(self, _):
        member = self.holders.member()
        found = self._one(member, "/v1/account/webhooks")
        if not found:
            wish = {"url": "https://hooks.example/known", "topics": ["notice"]}
            found = member.call("POST", "/v1/account/webhooks", wish)[2]["webhook"]["id"]
        return found

    def delivery(self, _):
        member, webhook = self.holders.member(), self.webhook(None)
        member.call("POST", f"/v1/account/webhooks/{webhook}/ping")
        return self._one(member, f"/v1/account/webhooks/{webhook}/deliveries")

    def _asked(self):
        member = self.holders.member()
        found = [one for one in member.call("GET", "/v1/account/customisations")[2]["items"] if one["state"] in ("requested", "quoted")]
        wish = {"base": "face.search", "name": "known", "words": "known", "expectedMonthly": 1}
        return self.random.choice(found) if found else member.call("POST", "/v1/account/customisations", wish)[2]

    def _quoted(self):
        path = f"/v1/operator/customisations/{self._asked()['id']}/quotes"
        return self.holders.operator().call("POST", path, world.offer(f"face.search.known-{next(self.numbers)}"))[2]

    def _variant(self):
        quoted = self._quoted()
        path = f"/v1/account/customisations/{quoted['id']}/accept"
        self.holders.member().call("POST", path, {"quote": quoted["quotes"][0]["id"]})
        return self.holders.member().call("GET", "/v1/account/variants")[2]["items"][0]

    # Of the account whose key goes with the request.

    def gallery(self, _):
        found = self._keyed("GET", "/v1/galleries")["items"]
        return self.random.choice(found)["id"] if found else self._keyed("POST", "/v1/galleries", {"name": f"known {next(self.numbers)}"})["id"]

    def person(self, _):
        path = f"/v1/galleries/{self.gallery(None)}/persons"
        found = self._keyed("GET", path)["items"]
        person = {"label": f"known {next(self.numbers)}", "consent": world.consent()}
        return self.random.choice(found)["id"] if found else self._keyed("POST", path, person)["id"]

    def template(self, _):
        # Made of a picture each time, that would be most of the run's time.
        return None

    def import_(self, _):
        return self._keyed("POST", f"/v1/galleries/{self.gallery(None)}/imports", {"total": 3})["id"]

    def _keyed(self, method, path, body=None):
        return self.holders.hub.call(method, path, body, {"Authorization": f"Bearer {self.holders.secret()}"})[2]

    def _one(self, person, path, suits=lambda one: True):
        items = [one for one in person.call("GET", path)[2]["items"] if suits(one)]
        return self.random.choice(items)["id"] if items else None

    def _product(self):
        order = {"kind": "pack", "name": "known", "units": 5, "validDays": 9, "price": 1000, "currency": "CNY", "api": self.random.choice(APIS)}
        return self.holders.operator().call("POST", "/v1/operator/catalogue/products", order)[2]

    # MARK: Bodies

    def body(self, operation, body):
        """- Returns: members of the body to replace; `None` takes one out."""
        new_mailbox = lambda domain: f"known{next(self.numbers)}@{domain}"
        match operation.label:
            case "POST /v1/account/session":
                return {"email": self.holders.member().mailbox, "password": world.PASSWORD}
            case "POST /v1/operator/session":
                return {"email": self.holders.operator().mailbox, "password": world.PASSWORD}
            case "POST /v1/account/password" | "POST /v1/operator/password":
                return {"current": world.PASSWORD}
            case "POST /v1/account/second-factor/remove" | "POST /v1/operator/second-factor/remove":
                return {"password": world.PASSWORD}
            case "POST /v1/account/keys":
                scope = {"apis": [self.random.choice(APIS)], "addresses": ["127.0.0.0/8", "2001:db8::/32"]}
                return {"application": self.application(operation), **{name: value for name, value in scope.items() if name in body}}
            case "POST /v1/account/members":
                return {"email": new_mailbox(self.holders.member(operation.path).mailbox.split("@")[1])}
            case "POST /v1/account/agreements/decisions":
                return self._text()
            case "POST /v1/galleries/{gallery}/persons" | "PATCH /v1/galleries/{gallery}/persons/{person}":
                return {"consent": world.consent()} if "consent" in body else {}
            case "POST /v1/account/customisations":
                definition = {"definition": world.DEFINITION} if "definition" in body else {}
                return {"base": "face.search", "name": "known", "variant": None, **definition}
            case "POST /v1/account/customisation-previews" | "POST /v1/operator/customisation-previews":
                return {"base": self.random.choice(("face.search", "face.compare")), "definition": {"fields": [{"name": "id", "from": "call.id"}]}}
            case "POST /v1/account/customisations/{customisation}/accept":
                return {"quote": self._quoted()["quotes"][0]["id"]}
            case "POST /v1/operator/customisations/{customisation}/quotes":
                return world.offer(f"face.search.known-{next(self.numbers)}")
            case "POST /v1/operator/variants/{variant}/retire":
                return {"ends": "2099-12-31T00:00:00Z"}
            case "POST /v1/account/webhooks":
                return {"url": "https://hooks.example/known", "topics": ["notice"]}
            case "PATCH /v1/account/webhooks/{webhook}":
                return {name: value for name, value in {"url": "https://hooks.example/new", "topics": ["notice"]}.items() if name in body}
            case "POST /v1/account/register":
                return {"email": new_mailbox("known.example"), "password": world.PASSWORD, "accept": [self._text("general")]}
            case "POST /v1/operator/accounts":
                return {"email": new_mailbox("known.example")}
            case "POST /v1/operator/accounts/{account}/measures":
                return {
                    "api": self.random.choice(APIS) if body["kind"] == "pause_api" else None,
                    "perMinute": body.get("perMinute", 5) if body["kind"] == "throttle" else None, "expires": None}
            case "POST /v1/account/applications/{application}/entitlements" | "POST /v1/operator/catalogue/products":
                return {"api": self.random.choice(APIS), "plan": None, "accept": None, **({"currency": "CNY"} if "currency" in body else {})}
            case "POST /v1/operator/catalogue/offers":
                frequency = {"calls": 1_000_000, "seconds": 1}
                terms = {"interfaceVersion": 1, "frequency": frequency, "trial": {"units": 5, "days": 5, "isFree": True}, "needsApproval": False, "isOpen": True}
                return {"api": self.random.choice(APIS), "terms": terms, "effective": None}
            case "POST /v1/operator/catalogue/prices":
                # Plans of their own: a dearer price of the one that everybody has needs notice, and would empty balances here.
                plan = {"plan": f"known-{next(self.numbers)}", "currency": "CNY", "account": None, "effective": None}
                return {"api": self.random.choice(APIS), "tariff": {"steps": [{"price": 9}]}, **plan}
            case "POST /v1/account/plans/{api}":
                return {"plan": "standard"}
            case "POST /v1/account/purchases":
                return {"product": self._product()["id"]}
            case "POST /v1/account/alerts":
                is_quota = body["kind"] == "quota"
                return {"api": self.random.choice(APIS) if is_quota else None, "currency": None if is_quota else "CNY"}
            case "POST /v1/operator/accounts/{account}/ledger":
                is_taken = body["kind"] == "refund"
                return {"kind": "credit" if body["kind"] == "correction" else body["kind"], "amount": -1 if is_taken else 1_000_000, "currency": "CNY", "corrects": None}
            case "PUT /v1/operator/accounts/{account}/credit":
                return {"currency": "CNY", "limit": 1_000_000_000}
            case "PUT /v1/operator/accounts/{account}/quotas":
                return {"api": self.random.choice(APIS), "units": 1_000_000}
            case "POST /v1/operator/devices/waiting/{waiting}/approval":
                account = self.holders.member().call("GET", "/v1/account")[2]["account"]["id"]
                return {"account": account, "labels": {"site": "known"}, "group": None, "replaces": None}
            case "POST /v1/operator/agreements":
                # Each version takes effect after the one before it; none in this run, or it would bind the accounts here.
                effective = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86_400 * (100 + next(self.numbers))))
                texts = {language: f"# Known\n\n{text}" for language, text in body["texts"].items()}
                return {"document": self.random.choice(DOCUMENTS), "effective": effective, "texts": texts}
        return {}

    def _text(self, document=None):
        """An agreement in force, as somebody names it who has read its text."""
        items = [one for one in self.holders.hub.call("GET", "/v1/agreements")[2]["items"] if document in (None, one["document"])]
        version = self.random.choice(items)
        return {"document": version["document"], "number": version["number"], "hash": self.random.choice(sorted(version["textHashes"].values()))}


def install(known):
    @schemathesis.hook
    def before_call(context, case, kwargs):
        if case.meta is None or not case.meta.generation.mode.is_positive:
            return
        is_linked = case.meta.phase.name.value == "stateful"
        if not is_linked and known.random.random() < 0.5:
            return
        if not is_linked:
            case.path_parameters.update({name: value for name, value in known.path(case.operation).items() if value})
        if isinstance(case.body, dict):
            case.body.update(known.body(case.operation, case.body))
            for name in [name for name, value in case.body.items() if value is None]:
                del case.body[name]
