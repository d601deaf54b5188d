"""Runs every measurement of deploy/bench and prints it as ratios, or as JSON with --json.

Everything that is compared runs in turns, several rounds of each, so that both sides see the same machine; the best
round of each side counts, because what disturbs a round can only make it slower.
"""

import argparse
import json
import os
import pathlib
import subprocess
import tempfile
import time

import dark
import fleet
import login_timing
import metering
import watching

ROUNDS = 5


def run(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **options).stdout


def pipeline(arguments):
    """Medians of a run, best of the rounds, ours and the peer's in turns."""
    ours, peers = [], []
    for _ in range(ROUNDS):
        ours.append(json.loads(run(arguments.edge, "bench", "pipeline", arguments.frame, "--rounds", "60", "--json")))
        peers.append(json.loads(run(arguments.python, arguments.peer, "measure", arguments.frame, arguments.yunet, arguments.sface, stderr=subprocess.DEVNULL)))
    return min(ours, key=lambda one: one["all"]), min(peers, key=lambda one: one["all"])


def world(arguments, folder):
    """A device that may recognise: what `run` and the first answer are measured on."""
    environment = dict(os.environ, VULTUS_HUB_DATA=f"{folder}/hub", VULTUS_EDGE_DATA=f"{folder}/edge")

    def hub(*words, **options):
        return run(arguments.hub, *words, env=environment, stderr=subprocess.DEVNULL, **options)

    hub("init")
    hub("admin", "account", "open", "bench", "--email", "owner@bench.example")
    token = hub("admin", "mail", "show", "owner@bench.example", "--token").strip()
    hub("admin", "account", "activate", token, "--accept", input="correct horse battery staple\n")
    hub("price", "set", "face.search", "--price", "0")
    hub("quota", "set", "bench", "face.search", "--units", "100000")
    server = subprocess.Popen([arguments.hub, "serve", "--listen", "127.0.0.1:0", "--metrics", "off", "--json"], env=environment, stdout=subprocess.PIPE, text=True)
    url = json.loads(server.stdout.readline())["url"]
    run(arguments.edge, "join", url, "--token", hub("device", "token", "bench").strip(), env=environment)
    server.terminate()
    server.wait()
    run(arguments.edge, "enrol", "somebody", arguments.portrait, env=environment)
    return environment


def first_answer(arguments, environment):
    """Seconds from process start to the first decision on standard output."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        agent = subprocess.Popen([arguments.edge, "identify", arguments.frame, "--json"], env=environment, stdout=subprocess.PIPE, text=True)
        agent.stdout.readline()
        times.append(time.perf_counter() - start)
        agent.wait()
    return min(times)


def run_memory(arguments, environment, folder):
    """Peak resident megabytes of `vultus-edge run` over a folder of frames."""
    inbox = pathlib.Path(folder, "inbox")
    inbox.mkdir()
    data = pathlib.Path(arguments.frame).read_bytes()
    for number in range(40):
        inbox.joinpath(f"{number:03}.jpg").write_bytes(data)
    agent = subprocess.Popen([arguments.edge, "run", str(inbox), "--once", "--sync-every", "0"], env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(agent.pid, 0)
    agent.returncode = os.waitstatus_to_exitcode(status)
    if agent.returncode:
        raise SystemExit(f"vultus-edge run ended with {agent.returncode}")
    return usage.ru_maxrss // 1024


def verdict(good):
    return "as promised" if good else "SHORT of the promise"


def main():
    parser = argparse.ArgumentParser()
    for name in ("edge", "hub", "simulation", "python", "peer", "frame", "portrait", "yunet", "sface", "pairs", "images", "postgres"):
        parser.add_argument(f"--{name}", default="")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", choices=["watching", "fleet"], help="this part alone")
    arguments = parser.parse_args()
    if arguments.only == "watching":
        with tempfile.TemporaryDirectory() as folder:
            watched = watching.measure(arguments, world(arguments, folder))
        print(json.dumps({"watching": watched}, indent=1) if arguments.json else "\n".join(watching.lines(watched, verdict)))
        return
    if arguments.only == "fleet":
        beats = fleet.measure(arguments.hub, arguments.simulation)
        print(json.dumps({"fleet": beats}, indent=1) if arguments.json else "\n".join(fleet.lines(beats, verdict)))
        return
    ours, peer = pipeline(arguments)
    search = json.loads(run(arguments.edge, "bench", "search", "--json"))
    with tempfile.TemporaryDirectory() as folder:
        environment = world(arguments, folder)
        first = first_answer(arguments, environment)
        memory = run_memory(arguments, environment, folder)
        watched = watching.measure(arguments, environment)
    timing = login_timing.measure(arguments.hub)
    metered = metering.measure(arguments.hub, [arguments.portrait, pathlib.Path(arguments.portrait).with_name("biden.jpg")], arguments.postgres)
    returned = dark.measure(arguments.hub, arguments.edge, arguments.simulation)
    beats = fleet.measure(arguments.hub, arguments.simulation)
    result = {
        "pipeline": ours,
        "opencv": peer,
        "faster_than_opencv": round(peer["all"] / ours["all"], 2),
        "run_peak_megabytes": memory,
        "watching": watched,
        "first_answer_seconds": round(first, 3),
        "search": search,
        "search_share_of_read_bandwidth": round(search["search_gb_per_s"] / search["read_gb_per_s"], 3),
        "login_timing": timing,
        "metering": metered,
        "dark_device": returned,
        "fleet": beats,
    }
    if arguments.images:
        result["accuracy"] = json.loads(run(arguments.edge, "bench", "accuracy", "--pairs", arguments.pairs, "--images", arguments.images, "--json"))
    if arguments.json:
        print(json.dumps(result, indent=1))
        return
    print(f"one 720p frame, one face, one thread (ms, medians of the best of {ROUNDS} runs in turns)")
    print(f"{'':10}{'decode':>8}{'detect':>8}{'align':>8}{'embed':>8}{'all':>8}{'peak MB':>9}")
    for name, one in (("Vultus", ours), ("OpenCV", peer)):
        print(f"{name:10}" + "".join(f"{one[step]:8.2f}" for step in ("decode", "detect", "align", "embed", "all")) + f"{one['peakMegabytes']:9}")
    print(f"engine                  {ours.get('engine', '')}")
    print(f"faster than OpenCV      {result['faster_than_opencv']:.2f} ×     promised 2 ×        {verdict(result['faster_than_opencv'] >= 2)}")
    print(f"peak memory of run      {memory} MB      promised 150 MB     {verdict(memory <= 150)}")
    print(f"first answer            {first:.2f} s      promised 1 s        {verdict(first <= 1)}")
    share = result["search_share_of_read_bandwidth"]
    print(f"search 100,000 × 128    {share:.0%} of read bandwidth ({search['search_median_ms']:.2f} ms), promised 80 %   {verdict(share >= 0.8)}")
    print("\n".join(watching.lines(watched, verdict)))
    print("\n".join(login_timing.lines(timing, verdict)))
    print("\n".join(metering.lines(metered)))
    print("\n".join(dark.lines(returned)))
    print("\n".join(fleet.lines(beats, verdict)))
    if "accuracy" in result:
        accuracy = result["accuracy"]
        print(f"LFW accuracy            {accuracy['accuracy']:.4f} ± {accuracy['accuracy_std']:.4f}, promised 0.991   {verdict(accuracy['accuracy'] >= 0.991)}")
        print(f"true accepts            {accuracy['tar_at_fmr_1e-3']:.4f} at FMR 1e-3, {accuracy['tar_at_fmr_1e-4']:.4f} at 1e-4; failures to acquire {accuracy['failures_to_acquire']}")


main()
