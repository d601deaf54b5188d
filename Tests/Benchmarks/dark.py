"""What it takes to bring in a device that was dark for 400 days: entries a second, bytes an entry on the wire, and the peak memory
of both sides at two sizes of backlog, which must be the same.

`vultus-simulation dark` makes the hub and the device; `vultus-hub serve` and `vultus-edge sync` then meet over mutual TLS on
loopback, and the invoice is held against what the device recorded.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import tempfile
import time

SIZES = (100_000, 1_000_000)


def peak(pid):
    """Megabytes that a running process had at most."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", text).group(1)) // 1024


def one(hub, edge, simulation, entries):
    with tempfile.TemporaryDirectory() as folder:
        books = json.loads(subprocess.run([simulation, "dark", "--folder", folder, "--entries", str(entries)], check=True, capture_output=True, text=True).stdout)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("VULTUS_HUB_")}
        environment |= {"VULTUS_HUB_DATA": f"{folder}/hub", "VULTUS_EDGE_DATA": f"{folder}/edge"}
        server = subprocess.Popen(
            [hub, "serve", "--listen", "127.0.0.1:0", "--metrics", "off", "--json"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            url = json.loads(server.stdout.readline())["url"]
            subprocess.run([simulation, "dark", "--folder", folder, "--hub", url], check=True)
            begun = time.perf_counter()
            agent = subprocess.Popen([edge, "sync", "--json"], env=environment, stdout=subprocess.PIPE, text=True)
            report = json.loads(agent.stdout.read())
            _, status, usage = os.wait4(agent.pid, 0)
            agent.returncode = os.waitstatus_to_exitcode(status)
            seconds = time.perf_counter() - begun
            hub_peak = peak(server.pid)
        finally:
            server.terminate()
            server.wait()
        if agent.returncode:
            raise SystemExit(f"vultus-edge sync ended with {agent.returncode}")
        invoice = json.loads(
            subprocess.run(
                [hub, "invoice", "Acme", "--from", "2000-01-01", "--to", "2100-01-01", "--json"], env=environment, check=True, capture_output=True, text=True
            ).stdout)
        billed = (sum(line["units"] for line in invoice["lines"]), sum(line["amount"]["millionths"] for line in invoice["lines"]))
        recorded = (sum(line["units"] for line in books["lines"]), sum(line["amount"] for line in books["lines"]))
        return {
            "entries": entries,
            "seconds": round(seconds, 1),
            "entries_per_second": round(entries / seconds),
            "bytes_per_entry_up": round(report["bytesUp"] / entries, 1),
            "bytes_per_entry_down": round(report["bytesDown"] / entries, 1),
            "edge_peak_megabytes": usage.ru_maxrss // 1024,
            "hub_peak_megabytes": hub_peak,
            "prices": len(books["lines"]),
            "billed_exactly": billed == recorded,
            "recording_entries_per_second": round(entries / books["writingSeconds"]),
        }


def measure(hub, edge, simulation, sizes=SIZES):
    rows = [one(hub, edge, simulation, entries) for entries in sizes]
    first, last = rows[0], rows[-1]
    return {
        "days": 400,
        "backlogs": rows,
        "edge_peak_ratio": round(last["edge_peak_megabytes"] / first["edge_peak_megabytes"], 2),
        "hub_peak_ratio": round(last["hub_peak_megabytes"] / first["hub_peak_megabytes"], 2),
    }


def lines(result):
    """Lines for people."""
    text = [f"a device dark for {result['days']} days {'entries':>10}{'s':>8}{'entries/s':>11}{'B up':>8}{'B down':>8}{'edge MB':>9}{'hub MB':>8}  bill"]
    for row in result["backlogs"]:
        text.append(
            f"{'':27}{row['entries']:10}{row['seconds']:8.1f}{row['entries_per_second']:11}{row['bytes_per_entry_up']:8.1f}"
            f"{row['bytes_per_entry_down']:8.1f}{row['edge_peak_megabytes']:9}{row['hub_peak_megabytes']:8}"
            f"  {'exact, over ' + str(row['prices']) + ' prices' if row['billed_exactly'] else 'WRONG'}")
    flat = max(result["edge_peak_ratio"], result["hub_peak_ratio"]) <= 1.25
    text.append(
        f"peak memory, ten times the backlog: edge {result['edge_peak_ratio']:.2f} ×, hub {result['hub_peak_ratio']:.2f} ×, promised flat (≤ 1.25 ×)"
        f"   {'as promised' if flat else 'SHORT of the promise'}")
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("hub", "edge", "simulation"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    arguments = parser.parse_args()
    print("\n".join(lines(measure(arguments.hub, arguments.edge, arguments.simulation, arguments.sizes))))


if __name__ == "__main__":
    main()
