"""Can known mailboxes be told from unknown ones by how long an answer takes?

Asks a fresh hub about mailboxes of one kind, half of which are registered, in random order, one request after another on
a kept connection. Whoever wants to know who has an account has the times of one half of the answers, with the truth, to
learn from, and guesses the other half. Guessing blindly is right half of the time.
"""

import argparse
import http.client
import json
import os
import random
import statistics
import subprocess
import tempfile
import time
import urllib.parse

SAMPLES = 2000
# The hub bears 50 sign-ins a quarter of an hour and five mails an hour for a mailbox, the one of its registration among
# them: 500 are asked four times each.
MAILBOXES = 500
LIMIT = 0.55
SPLITS = 40
BINS = 20
PASSWORD = "correct horse battery staple"


class Hub:
    def __init__(self, program, folder):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("VULTUS_HUB_")}
        environment["VULTUS_HUB_DATA"] = f"{folder}/hub"
        subprocess.run([program, "init"], check=True, env=environment, stdout=subprocess.DEVNULL)
        # Behind a proxy that is believed, each request comes from an address of its own: no network is throttled.
        self.process = subprocess.Popen(
            [program, "serve", "--listen", "127.0.0.1:0", "--web", "127.0.0.1:0", "--proxy", "127.0.0.1", "--metrics", "off", "--json"],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        url = next(one["url"] for one in map(json.loads, self.process.stdout) if one["listening"] == "web")
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=60)
        self.calls = 0

    def call(self, method, path, body=None):
        """- Returns: nanoseconds until the whole answer was there, and the answer."""
        self.calls += 1
        address = f"198.18.{self.calls // 250}.{self.calls % 250 + 1}"
        headers = {"Content-Type": "application/json", "X-Forwarded-For": address, "Accept-Language": "en"}
        body = None if body is None else json.dumps(body)
        start = time.perf_counter_ns()
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        data = answer.read()
        return time.perf_counter_ns() - start, answer, data

    def stop(self):
        self.process.terminate()
        self.process.wait()


def ask(hub, path, body, mailboxes):
    """Every mailbox the same number of times. - Returns: (time, whether it is registered) for each answer, and the answers."""
    order = [one for one in mailboxes for _ in range(SAMPLES // len(mailboxes))]
    random.shuffle(order)
    samples, answers = [], {True: set(), False: set()}
    for mailbox in order:
        taken, answer, data = hub.call("POST", path, body(mailbox))
        samples.append((taken, mailboxes[mailbox]))
        varying = {"date", "x-request-id"}
        answers[mailboxes[mailbox]].add((answer.status, tuple(sorted((name, value) for name, value in answer.getheaders() if name.lower() not in varying)), data))
    return samples, answers


# MARK: Guessing

def by_threshold(learnt):
    """The threshold, and the side of it, that were right most often."""
    learnt = sorted(learnt)
    known = sum(is_known for _, is_known in learnt)
    # Right if everything from here on counts as known.
    right, best = known, (0, 0, True)
    for index, (taken, is_known) in enumerate(learnt):
        for count, above in ((right, True), (len(learnt) - right, False)):
            if count > best[0]:
                best = (count, taken, above)
        right += -1 if is_known else 1
    _, threshold, above = best
    return lambda taken: (taken >= threshold) == above


def by_likelihood(learnt):
    """Which kind of mailbox had more of the times in the same twentieth."""
    times = sorted(taken for taken, _ in learnt)
    edges = [times[len(times) * number // BINS] for number in range(1, BINS)]
    place = lambda taken: sum(taken >= edge for edge in edges)
    counts = [[1, 1] for _ in range(BINS)]
    for taken, is_known in learnt:
        counts[place(taken)][is_known] += 1
    return lambda taken: counts[place(taken)][True] >= counts[place(taken)][False]


def told_apart(samples, method):
    """Share of the held-out half that was guessed right: mean and 95 % interval over random halves."""
    shares = []
    for _ in range(SPLITS):
        random.shuffle(samples)
        half = len(samples) // 2
        guess = method(samples[:half])
        shares.append(sum(guess(taken) == is_known for taken, is_known in samples[half:]) / (len(samples) - half))
    shares.sort()
    return {"mean": round(statistics.mean(shares), 4), "from": round(shares[SPLITS // 40], 4), "to": round(shares[-1 - SPLITS // 40], 4)}


def judged(samples, answers):
    median = lambda wanted: round(statistics.median(taken for taken, is_known in samples if is_known == wanted) / 1e6, 3)
    guesses = {"threshold": told_apart(samples, by_threshold), "likelihood": told_apart(samples, by_likelihood)}
    return {
        "samples": len(samples), "median_ms_known": median(True), "median_ms_unknown": median(False), **guesses,
        "told_apart": max(one["mean"] for one in guesses.values()), "limit": LIMIT,
        "answers_identical": answers[True] == answers[False] and len(answers[True]) == 1,
        "status": sorted({status for kind in answers.values() for status, _, _ in kind}),
    }


def measure(program):
    with tempfile.TemporaryDirectory() as folder:
        hub = Hub(program, folder)
        try:
            # Which are registered is thrown, so that nothing in a name can tell.
            names = [f"{random.getrandbits(64):016x}@mailbox.example" for _ in range(MAILBOXES)]
            known = set(random.sample(names, MAILBOXES // 2))
            terms = [one for one in json.loads(hub.call("GET", "/v1/agreements")[2])["items"] if one["document"] == "general"]
            accept = [{"document": "general", "number": one["number"], "hash": one["textHashes"]["en"]} for one in terms]
            for mailbox in known:
                registration = {"kind": "individual", "name": mailbox[:16], "email": mailbox, "password": PASSWORD, "accept": accept}
                if hub.call("POST", "/v1/account/register", registration)[1].status != 202:
                    raise SystemExit("login_timing: nobody can be registered")
            mailboxes = {mailbox: mailbox in known for mailbox in names}
            wrong = lambda mailbox: {"email": mailbox, "password": f"wrong {random.getrandbits(64):016x}"}
            return {
                "sign_in": judged(*ask(hub, "/v1/account/session", wrong, mailboxes)),
                "password_forgotten": judged(*ask(hub, "/v1/account/password/forgot", lambda mailbox: {"email": mailbox}, mailboxes)),
            }
        finally:
            hub.stop()


def lines(result, verdict):
    """As deploy/bench prints it."""
    for name, one in result.items():
        best = max((one["threshold"], one["likelihood"]), key=lambda guess: guess["mean"])
        yield (
            f"{name.replace('_', ' '):24}{one['told_apart']:.1%} told apart ({best['from']:.1%}–{best['to']:.1%}; medians {one['median_ms_known']:.2f} ms known, "
            f"{one['median_ms_unknown']:.2f} ms unknown), promised {LIMIT:.0%}   {verdict(one['told_apart'] <= LIMIT and one['answers_identical'])}")
        if not one["answers_identical"]:
            yield f"{'':24}and the answers themselves differ"


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--hub", required=True)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    result = measure(arguments.hub)
    if arguments.json:
        print(json.dumps(result, indent=1))
    else:
        print("\n".join(lines(result, lambda good: "as promised" if good else "SHORT of the promise")))
