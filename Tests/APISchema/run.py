"""Holds a fresh hub against its own OpenAPI document: `deploy/schemathesis` calls this with that package's Python."""

import argparse
import json
import os
import pathlib
import random
import signal
import sys
import tempfile
import time

import schemathesis.cli

import credentials
import known
import tour
import world

SETTINGS = pathlib.Path(__file__).parent / "schemathesis.toml"


def generated(hub, seed, cases, folder):
    """Requests that schemathesis generates; it prints what it finds. - Returns: its exit status and its report."""
    holders = credentials.Holders(hub)
    credentials.install(holders)
    known.install(known.Known(holders, seed))
    report, status = pathlib.Path(folder, "report.json"), 0
    options = {"--url": hub.url, "--seed": seed, "--max-examples": cases, "--report": "json", "--report-json-path": report}
    words = ["--config-file", SETTINGS, "run", hub.url + "/openapi.json", *(word for option in options.items() for word in option)]
    try:
        schemathesis.cli.schemathesis.main([str(word) for word in words], standalone_mode=False)
    except SystemExit as end:
        status = end.code
    return status, json.loads(report.read_text())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hub", required=True)
    parser.add_argument("--cases", type=int, required=True)
    arguments = parser.parse_args()
    seed, since = int(os.environ.get("VULTUS_SEED") or random.randrange(2**31)), time.monotonic()
    # So that the hub is stopped then, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    print(f"seed {seed} (VULTUS_SEED={seed} repeats it)", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        # schemathesis and hypothesis leave folders where they are started.
        os.chdir(folder)
        hub = world.Hub(arguments.hub, folder)
        try:
            hub.sell()
            walk = tour.Tour(hub)
            walk.run()
            status, report = generated(hub, seed, arguments.cases, folder)
            failures = [f"tour: {failure}" for failure in walk.failures]
            if hub.process.poll() is not None:
                failures.append(f"the hub ended by itself with {hub.process.returncode}:\n{hub.log.read_text(errors='replace')[-3000:]}")
        finally:
            hub.stop()
            os.chdir("/")
        try:
            # Whatever was sent, what is kept must hold together.
            hub.run("database", "verify")
        except RuntimeError as fault:
            failures.append(str(fault))
    print("\n".join(failures))
    for label, reason in tour.LEFT_OUT.items():
        print(f"not shown to succeed: {label}: {reason}")
    found = report["test_cases"]["unique_failures"] + report["test_cases"]["errored"] + len(failures)
    print(
        f"{report['operations']['tested']} operations tested, {len(walk.shown)} shown to succeed; {report['test_cases']['generated']} generated cases; "
        f"{found} failures; seed {seed}, {time.monotonic() - since:.0f} s")
    raise SystemExit(1 if status or failures else 0)


main()
