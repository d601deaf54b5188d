"""Gives every generated request the credentials that its operation asks for, good at the moment it is sent.

The requests end sessions, freeze keys, take members out, throttle, suspend and end accounts: that is what the API is
for. So at each request it is asked whether the holder's credentials still hold; where not, new ones are made, with a new
account if need be. What schemathesis sends with bad credentials on purpose, or with none, goes out as it is.
"""

import collections

import requests
import schemathesis
from schemathesis.openapi.checks import EnsureResourceAvailability

import world

# Requests from one network before the next comes from another: few enough that most are not throttled (100 sign-ins in
# a quarter of an hour, 30 mails an hour), many enough that some are, since 429 is an answer to be checked like others.
REQUESTS_PER_NETWORK = 45


class Holders:
    """Who holds credentials now."""

    def __init__(self, hub):
        self.hub = hub
        self.individual = self.enterprise = self.staff = None
        self.key = ""
        # How often each had to be made, and at which request the last was.
        self.made = collections.Counter()
        self.requests = self.last_made = 0

    def member(self, path=""):
        # Only an enterprise has members to invite, and a domain. But looking a domain up leaves this machine: there the
        # individual asks, and is told that there is nothing to prove.
        if path.startswith(("/v1/account/members", "/v1/account/domain")) and not path.startswith("/v1/account/domain/check"):
            self.enterprise = self._good("enterprise", self.enterprise, lambda: world.owner(self.hub, "enterprise"))
            return self.enterprise
        self.individual = self._good("individual", self.individual, lambda: world.owner(self.hub))
        return self.individual

    def operator(self):
        self.staff = self._good("operator", self.staff, lambda: world.administrator(self.hub))
        return self.staff

    def secret(self):
        if not self._passes():
            self._count("key")
            self.key = world.key(self.member())
            if not self._passes():
                # The account itself may not call: throttled, or it has not accepted what an operator published.
                self.individual = None
                self.key = world.key(self.member())
        return self.key

    def _passes(self):
        # The key holds, and its application may call: entitlements are paused and ended here too.
        return bool(self.key) and self.hub.call("GET", "/v1/galleries", headers={"Authorization": f"Bearer {self.key}"})[0] == 200

    def _good(self, name, person, make):
        if person is None or not (person.is_good() or person.sign_in() and person.is_good()):
            self._count(name)
            person = make()
        return person

    def _count(self, name):
        self.made[name] += 1
        self.last_made = self.requests


class Caller(requests.auth.AuthBase):
    """Completes a request just before it is sent."""

    def __init__(self, holders, scheme):
        self.holders, self.scheme = holders, scheme

    def __call__(self, request):
        holders = self.holders
        if holders.requests % REQUESTS_PER_NETWORK == 0:
            holders.network = holders.hub.address()
        holders.requests += 1
        request.headers["X-Forwarded-For"] = holders.network
        if self.scheme == "key":
            request.headers["Authorization"] = f"Bearer {holders.secret()}"
        elif self.scheme:
            person = holders.operator() if self.scheme == "operator" else holders.member(request.path_url)
            request.headers["Cookie"] = f"{person.cookie}={person.token}"
            if request.method != "GET":
                request.headers["X-CSRF-Token"] = person.csrf
        return request


def scheme(operation):
    """`member`, `operator`, `key`, or nothing for an open operation; `csrf` goes with the first two."""
    return next((name for one in operation.definition.raw.get("security", []) for name in one if name != "csrf"), "")


def install(holders):
    for wanted in ("", "member", "operator", "key"):
        schemathesis.auth.set_from_requests(Caller(holders, wanted)).apply_to(lambda context, wanted=wanted: scheme(context.operation) == wanted)

    @schemathesis.hook
    def filter_failure(context, failure, case, response):
        """A thing that was just made is not there for the next account: no finding, when the account had to be changed
        between the two. A scenario has at most eight requests, and its checks add some."""
        return not isinstance(failure, EnsureResourceAvailability) or holders.requests - holders.last_made > 20
