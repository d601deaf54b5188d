"""Puts the names of things that exist into generated requests, or most would end at «there is no such thing».

Only in requests that fit the document, in half of them, and by the run's seed; what does not fit stays as it is, and so
does everything else in the request.
"""

import random

import schemathesis

import world

DOCUMENTS = ("general", "face-data", "api:face.search", "api:face.compare")
APIS = ("face.search", "face.compare")


class Known:
    def __init__(self, holders, seed):
        self.holders, self.random = holders, random.Random(seed)

    def _id(self, person, path, **wanted):
        """The id of one of the things that a list of the API names."""
        items = [one for one in person.call("GET", path)[2]["items"] if all(one.get(name) == value for name, value in wanted.items())]
        return self.random.choice(items)["id"] if items else None

    def _text(self):
        """An agreement in force, as somebody names it who has read its text."""
        version = self.random.choice(self.holders.hub.call("GET", "/v1/agreements")[2]["items"])
        return {"document": version["document"], "number": version["number"], "hash": self.random.choice(list(version["textHashes"].values()))}

    def path(self, operation):
        member = lambda path=operation.path: self.holders.member(path)
        staff = self.holders.operator
        makers = {
            "api": lambda: self.random.choice(APIS),
            "document": lambda: self.random.choice(DOCUMENTS),
            "number": lambda: "1",
            "application": lambda: self._id(member(), "/v1/account/applications"),
            "key": lambda: self._id(member(), "/v1/account/keys"),
            "notice": lambda: self._id(member(), "/v1/account/notices"),
            "member": lambda: self._id(member(), "/v1/account/members"),
            "session": lambda: self._id(*((staff(), "/v1/operator/sessions") if "/operator/" in operation.path else (member(), "/v1/account/sessions"))),
            "account": lambda: self._id(staff(), "/v1/operator/accounts"),
            "operator": lambda: self._id(staff(), "/v1/operator/operators"),
            "measure": self._measure,
            "closure": self._closure,
        }
        names = [one.name for one in operation.path_parameters]
        return {name: value for name in names if (value := makers[name]())}

    def _measure(self):
        return self._id(self.holders.member(""), "/v1/account/standing") if False else None

    def _closure(self):
        member = self.holders.member("/v1/account/closure")
        member.call("POST", "/v1/account/closure", {"reason": "schema test"})
        return self._id(member, "/v1/account/closure", state="requested")

    def body(self, operation, body):
        member = lambda: self.holders.member(operation.path)
        label = operation.label
        if label == "POST /v1/account/session":
            return {"email": member().mailbox, "password": world.PASSWORD}
        if label == "POST /v1/operator/session":
            return {"email": self.holders.operator().mailbox, "password": world.PASSWORD}
        if label in ("POST /v1/account/password", "POST /v1/operator/password"):
            return {"current": world.PASSWORD}
        if label.endswith("/second-factor/remove"):
            return {"password": world.PASSWORD}
        if label == "POST /v1/account/keys":
            changed = {"application": self._id(member(), "/v1/account/applications")}
            if "apis" in body:
                changed["apis"] = [self.random.choice(APIS)]
            if "addresses" in body:
                changed["addresses"] = ["127.0.0.0/8", "2001:db8::/32"]
            return changed
        if label == "POST /v1/account/members":
            return {"email": f"m{self.random.randrange(10**6)}@{member().mailbox.split('@')[1]}"}
        if label == "POST /v1/account/agreements/decisions":
            return self._text()
        if label == "POST /v1/account/register":
            return {"email": f"new{self.random.randrange(10**6)}@new.example", "password": world.PASSWORD, "accept": [self._text()]}
        if label == "POST /v1/operator/accounts":
            return {"email": f"new{self.random.randrange(10**6)}@new.example"}
        if label == "POST /v1/operator/agreements":
            return {"document": self.random.choice(DOCUMENTS), "texts": {k: "# Title\n\n" + v for k, v in body["texts"].items()}, "effective": "2027-01-01T00:00:00Z"}
        if label == "POST /v1/operator/accounts/{account}/measures":
            kind = body["kind"]
            changed = {"api": self.random.choice(APIS)} if kind == "pause_api" else {"perMinute": 5} if kind == "throttle" else {}
            for k in ("api", "perMinute", "expires"): 
                if k in body and k not in changed: body.pop(k)
            return changed
        return {}


def install(known):
    @schemathesis.hook
    def before_call(context, case, kwargs):
        if case.meta is None or not case.meta.generation.mode.is_positive or known.random.random() < 0.5:
            return
        case.path_parameters.update(known.path(case.operation))
        if isinstance(case.body, dict):
            case.body.update({k: v for k, v in known.body(case.operation, case.body).items() if v is not None})
