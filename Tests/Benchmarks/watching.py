"""What watching a live source takes: `vultus-edge run -` on a 720p stream at 15 frames a second with nobody, one person and four,
against looking at every frame as a picture. Shares are of one core, from the process's own clock, after its first two seconds."""

import json
import math
import os
import pathlib
import subprocess
import tempfile
import time

import cv2
import numpy

RATE = 15
SECONDS = 20
FACES = (0, 1, 4)
SETTLED = 2


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


def watch(edge, environment, film):
    """Share of a core, and how many decisions were made."""
    agent = subprocess.Popen(
        [edge, "run", "-", "--json", "--sync-every", "0"], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=False)
    start = time.monotonic()
    settled = None
    for number in range(SECONDS * RATE):
        time.sleep(max(0, start + number / RATE - time.monotonic()))
        if settled is None and number >= SETTLED * RATE:
            settled = (processor(agent.pid), time.monotonic())
        agent.stdin.write(film[number % len(film)])
        agent.stdin.flush()
    used = (processor(agent.pid) - settled[0]) / (time.monotonic() - settled[1])
    agent.stdin.close()
    lines = [json.loads(line) for line in agent.stdout]
    if agent.wait():
        raise SystemExit(f"vultus-edge run ended with {agent.returncode}")
    return used, sum(line.get("passage", {}).get("kind") == "decided" for line in lines)


def measure(edge, environment, demo):
    portraits = [portrait(pathlib.Path(demo, name)) for name in ("obama2.jpg", "biden.jpg", "astronaut.png", "obama3.jpg")]
    result = []
    with tempfile.TemporaryDirectory() as folder:
        for count in FACES:
            film = list(frames(portraits, count))
            path = pathlib.Path(folder, f"{count}.jpg")
            path.write_bytes(film[0])
            share, decisions = watch(edge, environment, film)
            answer = subprocess.run([edge, "bench", "pipeline", str(path), "--rounds", "30", "--json"], check=True, stdout=subprocess.PIPE, text=True)
            each = json.loads(answer.stdout)["all"] * RATE / 1000
            result.append({"faces": count, "share": round(share, 4), "each_frame_share": round(each, 4), "ratio": round(each / max(share, 1e-4), 1), "decisions": decisions})
    return result


def lines(result, verdict):
    for one in result:
        promise = f"promised {'a tenth' if one['faces'] == 0 else 'half of every frame'}   " + verdict(
            one["share"] <= 0.1 if one["faces"] == 0 else one["ratio"] >= 2) if one["faces"] < 4 else ""
        people = {0: "nobody", 1: "one face"}.get(one["faces"], f"{one['faces']} faces")
        yield (
            f"watching 720p, {people:9} {one['share']:.1%} of a core, every frame analysed {one['each_frame_share']:.1%}: "
            f"{one['ratio']:.1f} × less, {one['decisions']} decided   {promise}"
        )
