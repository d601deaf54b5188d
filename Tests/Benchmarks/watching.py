"""What watching a live source takes: `vultus-edge run -` on a 720p stream at 15 frames a second with nobody, one person and four,
against OpenCV's capture-and-recognise loop on the same frames; how long decisions take, from the first frame that shows a face well
enough; and memory over 100,000 frames, played as fast as may be. Shares are of one core, from each process's own clock, after its
first two seconds."""

import fcntl
import json
import math
import os
import pathlib
import statistics
import subprocess
import time

import cv2
import numpy

RATE = 15
SECONDS = 20
FACES = (0, 1, 4)
SETTLED = 2
# Of the film in which people come and go: seconds with them, seconds without (longer than the gap that ends a passage), and how often.
STAY, AWAY, VISITS = 2.5, 3.5, 16
LONG, SAMPLE = 100_000, 500
F_SETPIPE_SZ = 1031


def frames(portraits, count):
    """One loop of six seconds: faces of 70 to 150 pixels that sway, and a sensor's noise."""
    noise = numpy.random.default_rng(6)
    ramp = numpy.tile(numpy.linspace(90, 140, 1280, dtype=numpy.float32)[None, :, None], (720, 1, 3))
    for number in range(6 * RATE):
        picture = ramp.copy()
        for index in range(count):
            portrait = portraits[index % len(portraits)]
            left = 40 + 310 * index + int(20 * math.sin(2 * math.pi * (number / (6 * RATE) + index / 4)))
            height, width = portrait.shape[:2]
            picture[160:160 + height, left:left + width] = portrait
        picture += noise.normal(0, 2, picture.shape)
        yield cv2.imencode(".jpg", numpy.clip(picture, 0, 255).astype(numpy.uint8), [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()


def portrait(path):
    picture = cv2.imread(str(path))
    scale = 400 / picture.shape[0]
    small = cv2.resize(picture, (int(picture.shape[1] * scale), 400), interpolation=cv2.INTER_AREA)
    start = max(0, (small.shape[1] - 300) // 2)
    return small[:, start:start + 300]


def processor(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid):
    """Megabytes."""
    return int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def start(words, environment):
    process = subprocess.Popen([str(word) for word in words], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    fcntl.fcntl(process.stdin, F_SETPIPE_SZ, 1 << 20)
    return process


def feed(process, film, count):
    """Writes frames at their rate. Returns the share of a core that reading them took, and how many a second were taken."""
    begin = time.monotonic()
    settled = None
    for number in range(count):
        time.sleep(max(0, begin + number / RATE - time.monotonic()))
        if settled is None and number >= SETTLED * RATE:
            settled = (processor(process.pid), time.monotonic(), number)
        process.stdin.write(film(number))
        process.stdin.flush()
    passed = time.monotonic() - settled[1]
    return (processor(process.pid) - settled[0]) / passed, (count - settled[2]) / passed


def finish(process):
    process.stdin.close()
    lines = [json.loads(line) for line in process.stdout]
    if process.wait():
        raise SystemExit(f"{process.args[0]} ended with {process.returncode}")
    return lines


def decided(lines):
    return [line["passage"] for line in lines if line.get("passage", {}).get("kind") == "decided"]


def run(arguments, *words):
    return [arguments.edge, "run", "-", "--json", "--sync-every", "0", *words]


def share(arguments, environment, film):
    """Ours, then the peer's, of the same frames."""
    agent = start(run(arguments), environment)
    ours, rate = feed(agent, lambda number: film[number % len(film)], SECONDS * RATE)
    decisions = len(decided(finish(agent)))
    peer = start([arguments.python, arguments.peer, "watch", arguments.portrait, arguments.yunet, arguments.sface], environment)
    peer.stdout.readline()
    framed = [len(one).to_bytes(4, "big") + one for one in film]
    theirs, their_rate = feed(peer, lambda number: framed[number % len(film)], SECONDS * RATE)
    found = finish(peer)[0]
    # By the frame of the source: on a busy machine the peer, which takes every frame, may fall behind the rate.
    ratio = (theirs / their_rate) / max(ours / rate, 1e-6)
    return {
        "share": round(ours, 4), "frames_per_second": round(rate, 1), "decisions": decisions, "opencv_share": round(theirs, 4),
        "opencv_frames_per_second": round(their_rate, 1), "opencv_faces": found["faces"], "ratio": round(ratio, 1)}


def latency(arguments, environment, crowd, empty):
    agent = start(run(arguments, "--passage-gap", "2"), environment)
    cycle = STAY + AWAY

    def film(number):
        films = crowd if number / RATE % cycle < STAY else empty
        return films[number % len(films)]

    feed(agent, film, int(VISITS * cycle * RATE))
    values = sorted(one["latencyMilliseconds"] for one in decided(finish(agent)) if "latencyMilliseconds" in one)
    return {"decisions": len(values), "median_ms": int(statistics.median(values)), "p99_ms": values[min(len(values) - 1, len(values) * 99 // 100)], "most_ms": values[-1]}


def memory(arguments, environment, one, empty):
    """A minute of ten seconds with somebody and fifty without, over and over."""
    agent = start(run(arguments, "--recorded", str(RATE), "--passage-gap", "10"), environment)
    begin = time.monotonic()
    samples = []
    for number in range(LONG):
        films = one if number / RATE % 60 < 10 else empty
        agent.stdin.write(films[number % len(films)])
        if number % SAMPLE == SAMPLE - 1:
            samples.append(resident(agent.pid))
    lines = finish(agent)
    third = len(samples) // 3
    first, last = statistics.median(samples[:third]), statistics.median(samples[-third:])
    return {
        "frames": LONG, "seconds": round(time.monotonic() - begin), "decisions": len(decided(lines)), "first_third_megabytes": round(first, 1),
        "last_third_megabytes": round(last, 1), "peak_megabytes": round(max(samples), 1)}


def measure(arguments, environment):
    demo = pathlib.Path(arguments.portrait).parent
    portraits = [portrait(demo / name) for name in ("obama2.jpg", "biden.jpg", "astronaut.png", "obama3.jpg")]
    films = {count: list(frames(portraits, count)) for count in FACES}
    return {
        "shares": [{"faces": count, **share(arguments, environment, films[count])} for count in FACES],
        "latency": latency(arguments, environment, films[4], films[0]), "memory": memory(arguments, environment, films[1], films[0])}


def lines(result, verdict):
    for one in result["shares"]:
        promise = {0: "promised a tenth of a core   " + verdict(one["share"] <= 0.1), 1: "promised half of OpenCV's   " + verdict(one["ratio"] >= 2)}
        people = {0: "nobody", 1: "one face"}.get(one["faces"], f"{one['faces']} faces")
        yield (
            f"watching 720p, {people:9} {one['share']:.1%} of a core at {one['frames_per_second']:.1f} frames a second, OpenCV {one['opencv_share']:.1%} at "
            f"{one['opencv_frames_per_second']:.1f}: {one['ratio']:.1f} × less a frame, {one['decisions']} decided   {promise.get(one['faces'], '')}")
    late, held = result["latency"], result["memory"]
    yield f"first good frame to decision  median {late['median_ms']} ms, p99 {late['p99_ms']} ms of {late['decisions']} decisions (largest {late['most_ms']} ms)"
    yield (
        f"memory over {held['frames']:,} frames  {held['first_third_megabytes']:.1f} MB in the first third, {held['last_third_megabytes']:.1f} in the last "
        f"({held['decisions']} decided, {held['seconds']} s)   promised flat   {verdict(held['last_third_megabytes'] <= held['first_third_megabytes'] * 1.02 + 0.5)}")
