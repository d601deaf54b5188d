"""A fleet's heartbeats on one hub: how long they take, and how the fleet comes back after the hub was started anew.

`vultus-simulation fleet` makes a hub and devices that have joined, and plays the devices: each on its own connection with mutual TLS, with
the messages of a device that has nothing to say. Hub and devices share this machine.
"""

import json
import os
import signal
import subprocess
import tempfile
import time

DEVICES = 10_000
INTERVAL = 60
# After all have been heard once: so long with a hub that runs, so long without it, and so long after it is back.
STEADY, AWAY, AFTER = 120, 10, 120


class Fleet:
    def __init__(self, simulation, folder, port):
        self.process = subprocess.Popen(
            [simulation, "fleet", "--folder", folder, "--port", str(port), "--interval", str(INTERVAL)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def turn(self):
        """The figures of the span that ends here."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def serve(hub, folder, port):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VULTUS_HUB_")} | {"VULTUS_HUB_DATA": f"{folder}/hub"}
    process = subprocess.Popen(
        [hub, "serve", "--listen", f"127.0.0.1:{port}", "--metrics", "off", "--json"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    line = process.stdout.readline()
    if not line:
        raise SystemExit(f"{hub} serve ended with {process.wait()}")
    return process, int(json.loads(line)["url"].rsplit(":", 1)[1])


def processor(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(hub, simulation, devices=DEVICES):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([simulation, "fleet", "--folder", folder, "--make", str(devices), "--interval", str(INTERVAL)], check=True)
        server, port = serve(hub, folder, 0)
        fleet = None
        try:
            fleet = Fleet(simulation, folder, port)
            time.sleep(1.3 * INTERVAL)
            first = fleet.turn()
            used = processor(server.pid)
            time.sleep(STEADY)
            steady = fleet.turn()
            share = (processor(server.pid) - used) / steady["seconds"]
            server.send_signal(signal.SIGKILL)
            server.wait()
            time.sleep(AWAY)
            server, port = serve(hub, folder, port)
            away = fleet.turn()
            time.sleep(AFTER)
            back = fleet.turn()
        finally:
            if fleet:
                fleet.end()
            server.terminate()
            server.wait()
    return {"devices": devices, "interval_seconds": INTERVAL, "hub_share_of_a_core": round(share, 3), "first": first, "steady": steady, "away": away, "back": back}


def lines(result, verdict):
    steady, back = result["steady"], result["back"]
    yield (
        f"{result['devices']:,} devices every {result['interval_seconds']} s  median {steady['medianMilliseconds']:.0f} ms, p99 {steady['p99Milliseconds']:.0f} ms "
        f"(largest {steady['mostMilliseconds']:.0f} ms), {steady['failures']} of {steady['beats']:,} failed, hub {result['hub_share_of_a_core']:.0%} of a core   "
        f"promised p99 250 ms   {verdict(steady['p99Milliseconds'] < 250 and steady['missing'] == 0)}")
    heard = back.get("allHeardSeconds")
    yield (
        f"after the hub was killed and started anew  "
        f"{'all back within %.0f s' % heard if heard is not None else '%d not back' % back['missing']}, p99 {back['p99Milliseconds']:.0f} ms, busiest second {back['busiestSecond']} beats "
        f"of {back['averageSecond']:.0f} on average   promised 90 s   {verdict(heard is not None and heard <= 90)}")
