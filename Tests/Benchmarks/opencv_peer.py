"""The peer: OpenCV's own FaceDetectorYN and FaceRecognizerSF on the same models, one thread.

opencv_peer.py frame PORTRAIT OUT           writes a 1280×720 JPEG with one face, as a camera would give it
opencv_peer.py measure FRAME YUNET SFACE    prints medians of each step in milliseconds, and the peak memory, as JSON
opencv_peer.py watch PORTRAIT YUNET SFACE   the loop of OpenCV's own samples: each frame is decoded, its faces are found, aligned,
                                            embedded and compared with the person of the portrait. Frames come on standard input,
                                            each behind its length (four bytes, big-endian): cheaper than any capture of OpenCV's
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


def watch(portrait, yunet, sface):
    cv2.setNumThreads(1)
    detector = cv2.FaceDetectorYN.create(yunet, "", (WIDTH, HEIGHT), 0.6)
    recogniser = cv2.FaceRecognizerSF.create(sface, "")

    def features(image):
        _, faces = detector.detect(cv2.resize(image, (WIDTH, HEIGHT)))
        for face in faces if faces is not None else []:
            face = face.copy()
            face[:14:2] *= image.shape[1] / WIDTH
            face[1:14:2] *= image.shape[0] / HEIGHT
            # A view of the recogniser's own memory, otherwise.
            yield recogniser.feature(recogniser.alignCrop(image, face)).copy()

    known = next(features(cv2.imread(portrait)))
    counts = {"frames": 0, "faces": 0, "matches": 0}
    print("ready", flush=True)
    while len(head := sys.stdin.buffer.read(4)) == 4:
        image = cv2.imdecode(np.frombuffer(sys.stdin.buffer.read(int.from_bytes(head, "big")), np.uint8), cv2.IMREAD_COLOR)
        counts["frames"] += 1
        for one in features(image):
            counts["faces"] += 1
            counts["matches"] += recogniser.match(known, one, cv2.FaceRecognizerSF_FR_COSINE) >= 0.45
    print(json.dumps(counts))


if __name__ == "__main__":
    {"frame": frame, "measure": measure, "watch": watch}[sys.argv[1]](*sys.argv[2:])
