"""The peer: OpenCV's own FaceDetectorYN and FaceRecognizerSF on the same models, one thread.

opencv_peer.py frame PORTRAIT OUT           writes a 1280×720 JPEG with one face, as a camera would give it
opencv_peer.py measure FRAME YUNET SFACE    prints medians of each step in milliseconds, and the peak memory, as JSON
"""

import json
import resource
import statistics
import sys
import time

import cv2
import numpy as np

ROUNDS = 60
SETTLED = 5
WIDTH, HEIGHT = 640, 360


def frame(portrait, out):
    image = cv2.imread(portrait)
    scale = 720 / image.shape[0]
    person = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    canvas = cv2.GaussianBlur(cv2.resize(image, (1280, 720)), (0, 0), 25)
    left = (1280 - person.shape[1]) // 2
    canvas[: person.shape[0], left : left + person.shape[1]] = person[:720]
    cv2.imwrite(out, canvas, [cv2.IMWRITE_JPEG_QUALITY, 90])


def measure(path, yunet, sface):
    cv2.setNumThreads(1)
    start = time.perf_counter()
    data = np.fromfile(path, np.uint8)
    detector = cv2.FaceDetectorYN.create(yunet, "", (WIDTH, HEIGHT), 0.6)
    recogniser = cv2.FaceRecognizerSF.create(sface, "")
    steps = {name: [] for name in ("decode", "detect", "align", "embed", "all")}
    first = None
    for _ in range(ROUNDS):
        times = [time.perf_counter()]
        image = cv2.imdecode(data, cv2.IMREAD_COLOR)
        times.append(time.perf_counter())
        _, faces = detector.detect(cv2.resize(image, (WIDTH, HEIGHT)))
        times.append(time.perf_counter())
        face = faces[0].copy()
        face[:14] *= image.shape[1] / WIDTH
        aligned = recogniser.alignCrop(image, face)
        times.append(time.perf_counter())
        recogniser.feature(aligned)
        times.append(time.perf_counter())
        first = first or (times[-1] - start) * 1e3
        for name, begin, end in zip(steps, times, times[1:]):
            steps[name].append((end - begin) * 1e3)
        steps["all"].append((times[-1] - times[0]) * 1e3)
    answer = {name: round(statistics.median(values[SETTLED:]), 2) for name, values in steps.items()}
    answer["firstMilliseconds"] = round(first, 1)
    answer["peakMegabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(answer))


if __name__ == "__main__":
    {"frame": frame, "measure": measure}[sys.argv[1]](*sys.argv[2:])
