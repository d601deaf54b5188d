"""Every operation of the document once with everything as it should be: each must answer its documented success.

Generated requests seldom get so far where a mailed token, a password or an authenticator's code is wanted, and an answer
that never comes cannot be held against its schema.
"""

import datetime

import schemathesis
from schemathesis.core.failures import FailureGroup

import world

# What stays out, and why.
LEFT_OUT = {
    "POST /v1/account/domain/check": "its success needs the DNS, and nothing here leaves the machine",
    "POST /v1/account/webhooks/{webhook}/deliveries/{delivery}/replay": "its success needs a receiver that took, or for days refused, a message",
}
MAILBOX = "tour@tour.example"


class Tour:
    def __init__(self, hub):
        self.hub = hub
        self.schema = schemathesis.openapi.from_url(hub.url + "/openapi.json")
        self.schema.config.update(base_url=hub.url)
        self.seen, self.shown, self.failures = [], set(), []

    def step(self, person, label, body=None, /, query=None, **values):
        """Sends one request and holds the answer against the document.

        - Parameter person: whose session goes with it; a text is an API key; `None` is nobody.
        - Returns: the answer as JSON.
        """
        method, path = label.split(" ")
        operation = self.schema[path][method]
        parts = {"path_parameters": values, "query": query or {}} | ({} if body is None else {"body": body, "media_type": "application/json"})
        case, headers, cookies = operation.Case(**parts), {}, {}
        if isinstance(person, str):
            headers["Authorization"] = f"Bearer {person}"
        elif person:
            cookies[person.cookie] = person.token
            if method != "GET":
                # Another site's page can have the cookie sent, never the token. Generated requests lack both or none.
                self._answer(case, "403", {}, cookies)
                headers["X-CSRF-Token"] = person.csrf
        success = next(status for status in operation.definition.raw["responses"] if status.startswith("2"))
        self.seen.append(label)
        response, is_right = self._answer(case, success, headers, cookies)
        if is_right:
            self.shown.add(label)
        return response.json() if response.content else None

    def _answer(self, case, wanted, headers, cookies):
        headers, before, label = {"X-Forwarded-For": self.hub.address(), **headers}, len(self.failures), case.operation.label
        response = case.call(headers=headers, cookies=cookies)
        if str(response.status_code) != wanted:
            self.failures.append(f"{label}: {wanted} was to be the answer, not {response.status_code}: {response.text[:300]}")
        try:
            # The checks that look at how a request was generated have nothing to say of this one.
            case.validate_response(response, headers=headers)
        except FailureGroup as group:
            self.failures += [f"{label}: {one}" for one in group.exceptions]
        return response, len(self.failures) == before

    def run(self):
        try:
            self.terms()
            self.newcomer()
            self.account()
            self.enterprise()
            self.customisation()
            self.sale()
            self.recognition()
            self.staff()
        except (KeyError, TypeError, RuntimeError) as fault:
            # What the next step needs was not in an answer.
            self.failures.append(f"{self.seen[-1]}: the tour cannot go on: {fault!r}")
            return
        labels = {operation.ok().label for operation in self.schema.get_all_operations()}
        self.failures += [f"{label}: no step of the tour" for label in sorted(labels - {*self.seen, *LEFT_OUT})]
        self.failures += [f"{label}: left out of the tour, but not in the document" for label in sorted(set(LEFT_OUT) - labels)]

    # MARK: The stations

    def terms(self):
        versions = self.step(None, "GET /v1/agreements")["items"]
        self.texts = [{"document": one["document"], "number": one["number"], "hash": one["textHashes"]["en"]} for one in versions]
        self.step(None, "GET /v1/agreements/{document}", document="general")
        self.step(None, "GET /v1/agreements/{document}/versions/{number}", document="general", number=1)
        self.step(None, "GET /v1/terms/{api}", api="face.search")

    def newcomer(self):
        step = self.step
        step(None, "POST /v1/account/register", {"kind": "individual", "name": "Tour", "email": MAILBOX, "password": world.PASSWORD, "accept": self.texts})
        step(None, "POST /v1/account/verify-email/resend", {"email": MAILBOX})
        step(None, "POST /v1/account/verify-email", {"token": self.hub.mailed_token(MAILBOX)})

    def account(self):
        person, step = world.Person(self.hub, MAILBOX, world.PASSWORD), self.step
        person.sign_in()
        step(person, "GET /v1/account")
        step(person, "PATCH /v1/account", {"name": "Tour of the API", "language": "zh"})
        step(person, "GET /v1/account/agreements")
        step(person, "POST /v1/account/agreements/decisions", {**self.texts[0], "decision": "accepted"})
        application = step(person, "POST /v1/account/applications", {"name": "gate"})["id"]
        step(person, "GET /v1/account/applications")
        issued = step(
            person, "POST /v1/account/keys",
            {"application": application, "name": "door", "environment": "test", "apis": ["face.search"], "addresses": ["198.18.0.0/15"],
             "expires": "2099-12-31T23:59:59Z"})
        key = issued["key"]["id"]
        step(issued["secret"], "GET /v1/access")
        step(issued["secret"], "GET /v1/access/{api}", api="face.search")
        step(person, "GET /v1/account/keys")
        step(person, "GET /v1/account/keys/{key}", key=key)
        rotated = step(person, "POST /v1/account/keys/{key}/rotate", {"overlapSeconds": 60}, key=key)
        step(None, "POST /v1/keys/found", {"key": rotated["secret"]})
        step(person, "POST /v1/account/keys/{key}/freeze", {"ground": "tour"}, key=key)
        step(person, "DELETE /v1/account/applications/{application}", application=application)
        notices = step(person, "GET /v1/account/notices")["items"]
        step(person, "POST /v1/account/notices/{notice}/read", notice=notices[0]["id"])
        step(person, "GET /v1/account/standing")
        step(person, "GET /v1/account/audit")
        report = step(person, "POST /v1/account/feedback", {"kind": "unlawful", "category": "unlawful-other", "subject": "tour", "body": "Look."})["id"]
        step(person, "GET /v1/account/feedback")
        step(person, "POST /v1/account/feedback/{feedback}/messages", {"body": "More.", "closes": True}, feedback=report)
        step(person, "GET /v1/account/feedback/{feedback}", feedback=report)
        step(person, "GET /v1/account/announcements")
        step(person, "POST /v1/account/closure", {"reason": "tour"})
        step(person, "GET /v1/account/closure")
        step(person, "DELETE /v1/account/closure")
        step(person, "POST /v1/account/export")
        self.session(person)

    def session(self, person):
        """The same for members and operators."""
        step, prefix = self.step, person.prefix
        signed_in = step(None, f"POST {prefix}/session", {"email": person.mailbox, "password": person.password})
        step(person, f"GET {prefix}/session")
        step(person, f"GET {prefix}/sessions")
        step(person, f"DELETE {prefix}/sessions/{{session}}", session=signed_in["session"]["id"])
        step(person, f"POST {prefix}/password", {"current": person.password, "new": "three " + world.PASSWORD})
        secret = step(person, f"POST {prefix}/second-factor", {"password": "three " + world.PASSWORD})["secret"]
        step(person, f"POST {prefix}/second-factor/confirm", {"code": world.code(secret)})
        step(person, f"POST {prefix}/second-factor/remove", {"password": "three " + world.PASSWORD})
        step(person, f"DELETE {prefix}/session")
        step(None, f"POST {prefix}/password/forgot", {"email": person.mailbox})
        step(None, f"POST {prefix}/password/reset", {"token": self.hub.mailed_token(person.mailbox), "password": "four " + world.PASSWORD})

    def enterprise(self):
        person, step = world.owner(self.hub, "enterprise"), self.step
        colleague = "colleague@" + person.mailbox.split("@")[1]
        step(person, "GET /v1/account/domain")
        member = step(person, "POST /v1/account/members", {"email": colleague, "role": "developer", "language": "en"})["id"]
        step(None, "POST /v1/account/invitations/accept", {"token": self.hub.mailed_token(colleague), "password": world.PASSWORD})
        step(person, "GET /v1/account/members")
        step(person, "PATCH /v1/account/members/{member}", {"role": "auditor"}, member=member)
        step(person, "DELETE /v1/account/members/{member}", member=member)

    def customisation(self):
        owner, staff, step = world.owner(self.hub), world.administrator(self.hub), self.step
        preview = {"base": "face.search", "definition": world.DEFINITION}
        step(owner, "POST /v1/account/customisation-previews", preview)
        step(staff, "POST /v1/operator/customisation-previews", preview)
        wish = {"base": "face.search", "name": "tour", "words": "CSV.", "definition": world.DEFINITION, "expectedMonthly": 1_000}
        ask = lambda **more: owner.call("POST", "/v1/account/customisations", {**wish, **more})[2]["id"]
        one = step(owner, "POST /v1/account/customisations", wish)["id"]
        step(owner, "GET /v1/account/customisations")
        step(staff, "GET /v1/operator/customisations")
        step(staff, "GET /v1/operator/customisations/{customisation}", customisation=one)
        quoted = step(staff, "POST /v1/operator/customisations/{customisation}/quotes", world.offer("face.search.tour"), customisation=one)
        step(owner, "GET /v1/account/customisations/{customisation}", customisation=one)
        step(owner, "POST /v1/account/customisations/{customisation}/accept", {"quote": quoted["quotes"][0]["id"]}, customisation=one)
        declined = ask(variant=owner.call("GET", "/v1/account/variants")[2]["items"][0]["id"])
        staff.call("POST", f"/v1/operator/customisations/{declined}/quotes", world.offer("face.search.tour"))
        step(owner, "POST /v1/account/customisations/{customisation}/decline", {"reason": "No."}, customisation=declined)
        step(owner, "POST /v1/account/customisations/{customisation}/withdraw", customisation=ask())
        step(staff, "POST /v1/operator/customisations/{customisation}/refuse", {"reason": "No."}, customisation=ask())
        variant = step(owner, "GET /v1/account/variants")["items"][0]["id"]
        step(owner, "GET /v1/account/variants/{variant}", variant=variant)
        step(staff, "GET /v1/operator/variants")
        step(staff, "POST /v1/operator/variants/{variant}/retire", {"ends": "2099-12-31T00:00:00Z", "reason": "tour"}, variant=variant)
        step(owner, "POST /v1/account/variants/{variant}/end", {"reason": "tour"}, variant=variant)
        hook = {"url": "https://hooks.example/tour", "about": "tour", "topics": ["notice", "variant.result"]}
        webhook = step(owner, "POST /v1/account/webhooks", hook)["webhook"]["id"]
        step(owner, "GET /v1/account/webhooks")
        step(owner, "GET /v1/account/webhooks/{webhook}", webhook=webhook)
        step(owner, "PATCH /v1/account/webhooks/{webhook}", {"about": "changed", "active": True}, webhook=webhook)
        step(owner, "POST /v1/account/webhooks/{webhook}/rotate", {"overlapSeconds": 60}, webhook=webhook)
        step(owner, "POST /v1/account/webhooks/{webhook}/ping", webhook=webhook)
        step(owner, "GET /v1/account/webhooks/{webhook}/deliveries", webhook=webhook)
        step(owner, "DELETE /v1/account/webhooks/{webhook}", webhook=webhook)

    def sale(self):
        """From an offer to a statement, each side in turn."""
        seller, buyer, step = world.administrator(self.hub), world.owner(self.hub), self.step
        account = buyer.call("GET", "/v1/account")[2]["account"]["id"]
        terms = {
            "interfaceVersion": 1, "frequency": {"calls": 1000, "seconds": 60}, "allowance": {"units": 5000, "period": "month"},
            "trial": {"units": 10, "days": 7, "isFree": True}, "needsApproval": True, "isOpen": True}
        step(seller, "POST /v1/operator/catalogue/offers", {"api": "face.quality", "terms": terms})
        step(seller, "GET /v1/operator/catalogue/{api}/offers", api="face.quality")
        tariff = {"free": 10, "steps": [{"through": 100, "price": 15000}, {"price": 9000}]}
        step(seller, "POST /v1/operator/catalogue/prices", {"api": "face.quality", "plan": "large", "currency": "CNY", "tariff": tariff})
        step(seller, "GET /v1/operator/catalogue/prices")
        product = step(
            seller, "POST /v1/operator/catalogue/products",
            {"api": "face.quality", "kind": "pack", "name": "A hundred", "units": 100, "validDays": 30, "price": 1000000, "currency": "CNY"})["id"]
        step(None, "GET /v1/catalogue")
        step(None, "GET /v1/catalogue/{api}", api="face.quality")
        application = buyer.call("POST", "/v1/account/applications", {"name": "sale"})[2]["id"]
        applying = "POST /v1/account/applications/{application}/entitlements"
        entitlement = step(buyer, applying, {"api": "face.quality", "isTrial": True, "reason": "tour"}, application=application)["id"]
        buyer.call("POST", f"/v1/account/applications/{application}/entitlements", {"api": "face.quality"})
        step(seller, "GET /v1/operator/entitlements")
        decision = {"approve": True, "units": 1000, "answer": "Welcome."}
        step(seller, "POST /v1/operator/entitlements/{entitlement}/decision", decision, entitlement=entitlement)
        for person, prefix, ground in ((buyer, "/v1/account", None), (seller, "/v1/operator", {"ground": "tour"})):
            own = {"entitlement": entitlement}
            step(person, f"PATCH {prefix}/entitlements/{{entitlement}}", {"units": 500, "period": "total"}, **own)
            step(person, f"POST {prefix}/entitlements/{{entitlement}}/pause", ground, **own)
            step(person, f"POST {prefix}/entitlements/{{entitlement}}/resume", **own)
        step(buyer, "GET /v1/account/entitlements")
        step(buyer, "GET /v1/account/entitlements/{entitlement}", entitlement=entitlement)
        step(buyer, "POST /v1/account/plans/{api}", {"plan": "large"}, api="face.quality")
        self.money(seller, buyer, account, product)
        step(buyer, "POST /v1/account/entitlements/{entitlement}/end", entitlement=entitlement)
        other = buyer.call("POST", f"/v1/account/applications/{application}/entitlements", {"api": "face.compare"})[2]["id"]
        step(seller, "POST /v1/operator/entitlements/{entitlement}/end", {"ground": "tour"}, entitlement=other)
        step(seller, "DELETE /v1/operator/catalogue/products/{product}", product=product)
        # Who comes after has it for the asking.
        seller.call("POST", "/v1/operator/catalogue/offers", {"api": "face.quality", "terms": terms | {"needsApproval": False}})

    def health(self, staff):
        owner, step = world.owner(self.hub), self.step
        account = owner.call("GET", "/v1/account")[2]["account"]["id"]
        device = self.hub.join(account, "tour")
        step(staff, "GET /v1/operator/devices/{device}/health", device=device)
        step(owner, "GET /v1/account/devices/{device}/health", query={"metrics": "temperature,lag", "step": "3600"}, device=device)
        order = {"condition": "drifting", "level": 1, "holdSeconds": 600, "severity": "warning", "scope": f"device:{device}", "quiet": "22:00-06:30"}
        rule = step(staff, "POST /v1/operator/alert-rules", order)["id"]
        step(staff, "GET /v1/operator/alert-rules")
        alert = self.hub.raise_alert(rule, device, account)
        step(staff, "GET /v1/operator/alerts")
        step(owner, "GET /v1/account/device-alerts")
        step(staff, "POST /v1/operator/alerts/{deviceAlert}/acknowledge", deviceAlert=alert)
        step(staff, "DELETE /v1/operator/alert-rules/{rule}", rule=rule)
        own = step(owner, "POST /v1/account/device-alert-rules", {"condition": "silent", "level": 30, "scope": f"device:{device}", "severity": "critical"})["id"]
        step(owner, "GET /v1/account/device-alert-rules")
        step(owner, "POST /v1/account/device-alerts/{ownAlert}/acknowledge", ownAlert=self.hub.raise_alert(own, device, account))
        step(owner, "DELETE /v1/account/device-alert-rules/{ownRule}", ownRule=own)
        step(owner, "PUT /v1/account/incident-mail", {"isReading": True})
        step(owner, "GET /v1/account/incident-mail")

    def money(self, seller, buyer, account, product):
        step, month = self.step, datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m")
        paid = {"kind": "top_up", "amount": 5000000, "currency": "CNY", "reason": "tour", "reference": "R 1"}
        step(seller, "POST /v1/operator/accounts/{account}/ledger", paid, account=account)
        step(seller, "GET /v1/operator/accounts/{account}/ledger", account=account)
        step(seller, "GET /v1/operator/accounts/{account}/balance", account=account)
        step(seller, "PUT /v1/operator/accounts/{account}/credit", {"limit": 1000000, "currency": "CNY"}, account=account)
        step(seller, "PUT /v1/operator/accounts/{account}/quotas", {"api": "face.quality", "units": 2000, "period": "month"}, account=account)
        step(seller, "GET /v1/operator/accounts/{account}/quotas", account=account)
        step(buyer, "POST /v1/account/purchases", {"product": product})
        alert = step(buyer, "POST /v1/account/alerts", {"kind": "balance", "level": 1000000, "currency": "CNY"})["id"]
        for path in ("alerts", "balance", "ledger", "purchases", "quotas", "usage", "statements", "what-if"):
            step(buyer, f"GET /v1/account/{path}")
        step(buyer, "DELETE /v1/account/alerts/{alert}", alert=alert)
        step(buyer, "GET /v1/account/statements/{month}", month=month)
        step(buyer, "GET /v1/account/statements/{month}/records", month=month, query={"line": f"face.quality/v1/{month}"})

    def recognition(self):
        owner, staff, step = world.owner(self.hub), world.administrator(self.hub), self.step
        application, key = world.application(owner, "gate", scopes=["templates:read"])
        account = owner.call("GET", "/v1/account")[2]["account"]["id"]
        step(staff, "PUT /v1/operator/accounts/{account}/templates", {"allowed": True}, account=account)
        step(owner, "PUT /v1/account/applications/{application}/consent", {"reference": "counter", "purpose": "door", "days": 30}, application=application)
        step(owner, "GET /v1/account/applications/{application}/consent", application=application)
        step(owner, "DELETE /v1/account/applications/{application}/consent", application=application)
        obama, biden = (world.picture(name) for name in ("obama.jpg", "biden.jpg"))
        step(key, "POST /v1/detect", {"image": obama})
        step(key, "POST /v1/quality", {"image": obama})
        gallery = step(key, "POST /v1/galleries", {"name": "staff", "targetFalseMatchRate": 1e-4, "retentionDays": 90})["id"]
        place = {"gallery": gallery}
        step(key, "GET /v1/galleries")
        step(key, "GET /v1/galleries/{gallery}", **place)
        step(key, "PATCH /v1/galleries/{gallery}", {"name": "all staff", "retentionDays": 0}, **place)
        person = step(key, "POST /v1/galleries/{gallery}/persons", {"label": "17", "consent": world.consent()}, **place)["id"]
        step(key, "GET /v1/galleries/{gallery}/persons", **place)
        step(key, "GET /v1/galleries/{gallery}/persons/{person}", person=person, **place)
        step(key, "PATCH /v1/galleries/{gallery}/persons/{person}", {"label": "18", "consent": world.consent()}, person=person, **place)
        path = "/v1/galleries/{gallery}/persons/{person}/templates"
        template = step(key, f"POST {path}", {"image": obama}, person=person, **place)["id"]
        step(key, f"GET {path}", person=person, **place)
        step(key, f"GET {path}/{{template}}/data", person=person, template=template, **place)
        step(key, "POST /v1/compare", {"gallery": gallery, "template": template, "referenceImage": obama})
        step(key, "POST /v1/galleries/{gallery}/search", {"image": biden}, **place)
        opened = step(key, "POST /v1/galleries/{gallery}/imports", {"total": 2}, **place)["id"]
        row = {"row": "1", "label": "19", "consent": world.consent(), "image": biden}
        step(key, "POST /v1/galleries/{gallery}/imports/{import}/rows", {"rows": [row]}, **place, **{"import": opened})
        step(key, "GET /v1/galleries/{gallery}/imports/{import}/rows", **place, **{"import": opened})
        step(key, "GET /v1/galleries/{gallery}/imports/{import}", **place, **{"import": opened})
        step(key, "POST /v1/galleries/{gallery}/imports/{import}/close", **place, **{"import": opened})
        step(owner, "GET /v1/account/galleries")
        step(key, f"DELETE {path}/{{template}}", person=person, template=template, **place)
        step(key, "DELETE /v1/galleries/{gallery}/persons/{person}", person=person, **place)
        step(key, "DELETE /v1/galleries/{gallery}", **place)

    def staff(self):
        person, step = world.administrator(self.hub), self.step
        account = step(person, "POST /v1/operator/accounts", {"name": "Opened", "kind": "enterprise", "email": "o@opened.example", "language": "zh"})["id"]
        step(person, "POST /v1/operator/accounts/{account}/owner", {"email": "boss@opened.example", "language": "en"}, account=account)
        step(person, "GET /v1/operator/accounts")
        measure = step(
            person, "POST /v1/operator/accounts/{account}/measures",
            {"kind": "throttle", "perMinute": 60, "ground": "tour", "statement": "Slowly.", "expires": "2099-12-31T23:59:59Z"}, account=account)["id"]
        step(person, "GET /v1/operator/accounts/{account}", account=account)
        step(person, "POST /v1/operator/measures/{measure}/lift", {"ground": "tour"}, measure=measure)
        both = {"en": "Tour", "zh": "导览"}
        news = step(person, "POST /v1/operator/announcements", {"audience": "everybody", "titles": both, "texts": both})["id"]
        step(None, "GET /v1/announcements")
        step(person, "DELETE /v1/operator/announcements/{announcement}", announcement=news)
        incident = step(person, "POST /v1/operator/incidents", {"kind": "fault", "impact": "degraded", "titles": both, "texts": both})["id"]
        step(person, "POST /v1/operator/incidents/{incident}/updates", {"state": "resolved", "texts": both}, incident=incident)
        step(None, "GET /v1/status")
        for label in ("one", "other"):
            self.hub.wait(label)
        one, other = (device["id"] for device in step(person, "GET /v1/operator/devices/waiting")["items"])
        buyer = world.owner(self.hub).call("GET", "/v1/account")[2]["account"]["id"]
        step(
            person, "POST /v1/operator/devices/waiting/{waiting}/approval", {"account": buyer, "name": "Tour", "labels": {"site": "north"}},
            waiting=one)
        step(person, "POST /v1/operator/devices/waiting/{waiting}/refusal", {"reason": "tour"}, waiting=other)
        self.health(person)
        release = world.release(self.hub, "models")
        step(person, "GET /v1/operator/releases")
        step(person, "GET /v1/operator/releases/{release}", release=release)
        rollout = step(person, "POST /v1/operator/rollouts", {
            "release": release, "stages": [{"percent": 10}, {"percent": 100}],
            "shadow": {"faces": 500, "disagreementPermille": 10, "milliseconds": 86_400_000},
        })["id"]
        step(person, "GET /v1/operator/rollouts")
        step(person, "GET /v1/operator/rollouts/{rollout}", rollout=rollout)
        step(person, "GET /v1/operator/rollouts/{rollout}/devices", rollout=rollout)
        for act in ("pause", "resume", "advance", "return", "cancel"):
            step(person, "POST /v1/operator/rollouts/{rollout}/" + act, rollout=rollout)
        step(person, "POST /v1/operator/releases/{release}/withdraw", release=release)
        leaving = world.owner(self.hub)
        report = leaving.call("POST", "/v1/account/feedback", {"kind": "opinion", "subject": "tour", "body": "Look."})[2]["id"]
        step(person, "GET /v1/operator/feedback")
        step(person, "GET /v1/operator/feedback/{feedback}", feedback=report)
        step(person, "POST /v1/operator/feedback/{feedback}/messages", {"body": "Thank you."}, feedback=report)
        closure = leaving.call("POST", "/v1/account/closure", {"reason": "tour"})[2]["id"]
        step(person, "POST /v1/operator/closures/{closure}/decision", {"approve": True, "answer": "Farewell."}, closure=closure)
        effective = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=60)).strftime("%Y-%m-%dT%H:%M:%SZ")
        step(
            person, "POST /v1/operator/agreements",
            {"document": "face-data", "rule": "explicit", "effective": effective, "texts": {"en": "# Face data\n\nNew.", "zh": "# 人脸数据\n\n新版本。"}})
        operator = step(person, "POST /v1/operator/operators", {"email": "second@hub.example", "role": "support"})["id"]
        step(None, "POST /v1/operator/invitations/accept", {"token": self.hub.mailed_token("second@hub.example"), "password": world.PASSWORD})
        step(person, "GET /v1/operator/operators")
        step(person, "PATCH /v1/operator/operators/{operator}", {"role": "auditor"}, operator=operator)
        step(person, "DELETE /v1/operator/operators/{operator}", operator=operator)
        step(person, "GET /v1/operator/audit")
        self.session(person)
