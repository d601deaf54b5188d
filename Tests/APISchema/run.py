"""Runs schemathesis against a fresh hub: `deploy/schemathesis` calls it with that package's Python."""

import argparse
import json
import os
import pathlib
import random
import sys
import tempfile
import time

import schemathesis
import schemathesis.cli

import credentials
import known
import tour
import world

HERE = pathlib.Path(__file__).parent


def generated(hub, seed, cases, folder):
    """Requests that schemathesis generates. - Returns: its exit status and its own report."""
    holders = credentials.Holders(hub)
    credentials.install(holders)
    known.install(known.Known(holders, seed))
    report = pathlib.Path(folder, "report.json")
    status = 0
    try:
        schemathesis.cli.schemathesis.main(
            [
                "--config-file", str(HERE / "schemathesis.toml"), "run", hub.url + "/openapi.json", "--url", hub.url, "--seed", str(seed),
                "--max-examples", str(cases), "--report", "json", "--report-json-path", str(report),
            ],
            standalone_mode=False)
    except SystemExit as end:
        status = end.code
    return status, json.loads(report.read_text()) if report.exists() else None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hub", required=True)
    parser.add_argument("--cases", type=int, required=True)
    arguments = parser.parse_args()
    seed, since = int(os.environ.get("VULTUS_SEED") or random.randrange(2**31)), time.monotonic()
    print(f"seed {seed} (VULTUS_SEED={seed} repeats it)")
    with tempfile.TemporaryDirectory() as folder:
        # schemathesis and hypothesis leave folders where they are started.
        os.chdir(folder)
        hub = world.Hub(arguments.hub, folder)
        try:
            walk = tour.Tour(hub)
            walk.run()
            status, report = generated(hub, seed, arguments.cases, folder)
            ended = hub.process.poll()
        finally:
            hub.stop()
        for failure in walk.failures:
            print(f"tour: {failure}", file=sys.stderr)
        if ended is not None:
            print(f"the hub ended by itself, with {ended}:\n{hub.log.read_text(errors='replace')[-3000:]}", file=sys.stderr)
        if report is None or status or walk.failures or ended is not None:
            raise SystemExit(1)
    cases, operations = report["test_cases"], report["operations"]
    for label, reason in tour.LEFT_OUT.items():
        print(f"not shown to succeed: {label}: {reason}")
    print(
        f"{operations['tested']} operations, {len(walk.seen)} of them shown to succeed; {cases['generated']} generated cases, "
        f"{cases['unique_failures']} failures; seed {seed}, {time.monotonic() - since:.0f} s")


main()
