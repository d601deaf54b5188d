"""A crowd of calls on a quota, over TLS and through as many hub processes as asked: what is used is the quota, to the unit.

One hub of its own SQLite, or several `vultus-hub serve` on one PostgreSQL, each with a copy of the keys. Calls are
`face.compare` on stored templates; each ends with an answer or with `quota_exhausted`, nothing else.
"""

import argparse
import collections
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "Benchmarks"))

import metering

CONNECTIONS = 16


class Beside:
    """A further process of the same hub."""

    def __init__(self, hub, folder):
        shutil.copytree(hub.folder / "hub/keys", pathlib.Path(folder) / "keys")
        environment = {**hub.environment, "VULTUS_HUB_DATA": str(folder)}
        self.process = subprocess.Popen(
            [hub.program, "serve", "--listen", "127.0.0.1:0", "--metrics", "off", "--json"], env=environment, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)
        self.url = json.loads(self.process.stdout.readline())["url"]
        self.authority = hub.authority

    connect = metering.Hub.connect
    stop = metering.Hub.stop


def crowd(hubs, body, header, calls):
    """- Returns: how many calls ended with which status and code."""
    ended, lock = collections.Counter(), threading.Lock()
    left = iter(range(calls))

    def caller(hub):
        connection, mine = hub.connect(), collections.Counter()
        while True:
            with lock:
                if next(left, None) is None:
                    ended.update(mine)
                    return
            connection.request("POST", "/v1/compare", body, {"Content-Type": "application/json", **header})
            answer = connection.getresponse()
            data = json.loads(answer.read())
            mine[answer.status, data.get("code", data.get("outcome"))] += 1

    threads = [threading.Thread(target=caller, args=(hub,)) for hub in hubs for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ended


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hub", required=True)
    parser.add_argument("--pictures", required=True)
    parser.add_argument("--database", help="a PostgreSQL with nothing in it; SQLite when left out")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--quota", type=int, default=1_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vultus-crowd-") as folder:
        hub = metering.Hub(options.hub, folder, options.database)
        others = []
        try:
            header = metering.key(hub)
            body = metering.comparison(hub, header, [pathlib.Path(options.pictures) / name for name in ("obama.jpg", "obama2.jpg")])
            spent = 1  # by the comparison that was tried
            hub.run("quota", "set", "bench", "face.compare", "--units", str(spent + options.quota))
            others = [Beside(hub, pathlib.Path(folder) / f"hub{number}") for number in range(2, options.processes + 1)]
            ended = crowd([hub, *others], body, header, options.calls)
            quota = next(one for one in json.loads(hub.run("quota", "list", "bench", "--json")) if one["api"] == "face.compare")
            units = sum(one["units"] for one in json.loads(hub.run("usage", "bench", "--json")) if one["api"] == "face.compare")
            hub.run("database", "verify")
        finally:
            for one in [hub, *others]:
                one.stop()
    where = f"{options.processes} processes on PostgreSQL" if options.database else "one process on SQLite"
    print(f"{options.calls} calls on a quota of {options.quota}, {where}: {dict(ended)}; settled {quota['settled'] - spent}, reserved {quota['reserved']}")
    used = sum(count for (status, _), count in ended.items() if status == 200)
    exact = used == options.quota and units == quota["settled"] == spent + options.quota and quota["reserved"] == 0
    refused = ended[402, "quota_exhausted"]
    if not exact or used + refused != options.calls:
        raise SystemExit("that is not exact")


if __name__ == "__main__":
    main()
