"""compreface-sdk, as it is on PyPI, against a fresh hub: `deploy/compreface` calls this with that package's Python."""

import argparse
import collections
import pathlib
import sys
import tempfile
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "APISchema"))

import flows  # noqa: E402
import world  # noqa: E402

# What the flows come to: refused calls and an example that is there already cost nothing.
UNITS = {"face.detect": 1, "face.enrol": 2, "face.search": 5, "face.compare": 4}


def unentitled(person):
    """The key of an application that has applied for nothing."""
    _, _, made = person.call("POST", "/v1/account/applications", {"name": "idle"})
    return person.call("POST", "/v1/account/keys", {"application": made["id"], "name": "idle"})[2]["secret"]


def units(person):
    """What the account's metering records say was used."""
    used = collections.Counter()
    for record in person.call("GET", "/v1/account/usage?limit=500")[2]["items"]:
        used[record["api"]] += record["units"] if record["state"] == "settled" else 0
    return {api: count for api, count in used.items() if count}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hub", required=True)
    parser.add_argument("--models", required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        hub = world.Hub(arguments.hub, folder, "--models", arguments.models)
        try:
            hub.sell()
            person = world.owner(hub)
            name, key = world.application(person, "compreface")
            url = urllib.parse.urlsplit(hub.url)


            def client(key):
                return flows.Flows(f"{url.scheme}://{url.hostname}", str(url.port), key, pathlib.Path(arguments.models) / "demo")

            walk = client(key)
            # Nobody is enrolled before somebody has said under which consent.
            walk.refused(walk.subjects.add("Too early"), 32, "no standing consent yet")
            consent = {"reference": "signed at the counter", "purpose": "door", "days": 30}
            person.call("PUT", f"/v1/account/applications/{name}/consent", consent)
            walk.run()
            walk.refused(client(unentitled(world.owner(hub))).subjects.list(), 0, "an application without entitlements")
            walk.refused(client("00000000-0000-0000-0000-000000000002").subjects.list(), 10, "no key of this hub")
            walk.equal(units(person), UNITS, "units on record")
            hub.run("database", "verify")
        finally:
            hub.stop()
    print(f"{walk.done} promises kept")


main()
