"""Makes presentations of still faces, for trying `vultus-edge bench pad`: living heads and attacks, by geometry and optics.

    presentations.py FACES OUT [--people N] [--frames N] [--only KIND]

FACES is a folder of pictures in LFW's layout. What is made: OUT/bona-fide (heads turned in depth, heads that hardly move) and a folder for
each kind of attack. They show that each cue sees the effect it was written for, through the real detector. They are no measurement of
people, prints or screens: whoever needs those figures must record them.
"""

import argparse
import math
import pathlib

import cv2
import numpy

WIDTH, HEIGHT = 640, 480
SCALE = 1.6  # LFW's eyes are 44 pixels apart; 70 then
EYES = 44.0


def head_depth(size):
    """An ellipsoid with a nose, in pixels of an LFW picture: the nose's tip stands out by half the distance of the eyes (adult means: 30 of 63 mm)."""
    y, x = numpy.mgrid[0:size, 0:size].astype(numpy.float32)
    x, y = (x - size / 2) / EYES, (y - size * 0.5) / EYES
    body = numpy.maximum(0, 1 - (x / 1.25) ** 2 - (y / 1.8) ** 2)
    depth = 1.1 * numpy.sqrt(body) + 0.33 * numpy.exp(-((x / 0.2) ** 2 + ((y - 0.1) / 0.28) ** 2))
    return (depth * EYES).astype(numpy.float32)


def turned(picture, depth, yaw, pitch):
    """The head turned in depth, seen from afar; where it hides itself, the nearest texture stands in."""
    size = picture.shape[0]
    y, x = numpy.mgrid[0:size, 0:size].astype(numpy.float32)
    x, y = x - size / 2, y - size / 2
    from_x, from_y = x.copy(), y.copy()
    for _ in range(12):
        z = cv2.remap(depth, from_x + size / 2, from_y + size / 2, cv2.INTER_LINEAR)
        from_x = (x - z * math.sin(yaw)) / math.cos(yaw)
        from_y = (y + z * math.sin(pitch)) / math.cos(pitch)
    return cv2.remap(picture, from_x + size / 2, from_y + size / 2, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def tilted(picture, yaw, pitch, distance=6.0):
    """The picture as a card that is turned before a camera, in perspective."""
    size = picture.shape[0]
    half = size / 2
    corners = numpy.float32([[-half, -half], [half, -half], [half, half], [-half, half]])
    out = []
    for x, y in corners:
        x, z = x * math.cos(yaw), x * math.sin(yaw)
        y, z = y * math.cos(pitch) - z * math.sin(pitch), y * math.sin(pitch) + z * math.cos(pitch)
        near = distance * size / (distance * size + z)
        out.append([x * near + half, y * near + half])
    matrix = cv2.getPerspectiveTransform(corners + half, numpy.float32(out))
    return cv2.warpPerspective(picture, matrix, (size, size), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=(90, 90, 90))


def on_screen(picture, random):
    """Each pixel as three stripes between black, seen by a sensor whose pixels are a little larger and a little turned."""
    fine = 6
    big = cv2.resize(picture, None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_CUBIC)
    big = numpy.repeat(numpy.repeat(big, fine, axis=0), fine, axis=1).astype(numpy.float32)
    mask = numpy.zeros_like(big)
    columns, rows = numpy.arange(big.shape[1]) % fine, numpy.arange(big.shape[0]) % fine
    for channel, first in ((2, 0), (1, 2), (0, 4)):
        mask[:, (columns >= first) & (columns < first + 2), channel] = 2.6
    mask[rows == fine - 1] *= 0.2
    return big * mask, fine, random.uniform(1.04, 1.3), random.uniform(-4, 4)


def seen(screen, fine, pitch, angle, shift):
    big = cv2.GaussianBlur(screen, (0, 0), 0.32 * fine * pitch)
    height, width = big.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1 / (fine * pitch))
    side = int(width / fine / pitch)
    matrix[:, 2] += [side / 2 - width / 2 + shift[0], side / 2 - height / 2 + shift[1]]
    return numpy.clip(cv2.warpAffine(big, matrix, (side, side), flags=cv2.INTER_LINEAR), 0, 255).astype(numpy.uint8)


def in_frame(face, scene, shift, resize=True):
    if resize:
        face = cv2.resize(face, None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_CUBIC)
    frame = scene.copy()
    top, left = (HEIGHT - face.shape[0]) // 2 + int(shift[1]), (WIDTH - face.shape[1]) // 2 + int(shift[0])
    frame[top : top + face.shape[0], left : left + face.shape[1]] = face
    return frame


def noisy(frame, random):
    return numpy.clip(frame + random.normal(0, 2.0, frame.shape), 0, 255).astype(numpy.uint8)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("faces", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--people", type=int, default=25)
    parser.add_argument("--frames", type=int, default=20)
    parser.add_argument("--only", default="", help="kinds whose name begins so")
    options = parser.parse_args()

    def wanted(kind):
        return kind.startswith(options.only)

    pictures = sorted(options.faces.glob("*/*_0001.jpg"))
    pictures = pictures[:: max(1, len(pictures) // options.people)][: options.people]
    random = numpy.random.default_rng(7)
    for number, path in enumerate(pictures):
        picture = cv2.imread(str(path))
        depth = head_depth(picture.shape[0])
        scene = cv2.resize(random.integers(60, 160, (6, 8, 3)).astype(numpy.uint8), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
        swing = random.uniform(24, 34)
        phase = random.uniform(0, 6)
        screen = on_screen(picture, random)
        rows = numpy.arange(HEIGHT)[:, None, None]
        period, speed = random.uniform(22, 45), random.uniform(0.13, 0.4)
        for index in range(options.frames):
            time = index / 10
            yaw = math.radians(swing) * math.sin(math.pi * time + phase)
            sway = (6 * math.sin(time * 2 + phase), 3 * math.cos(time * 1.7))
            bands = 1 + 0.05 * numpy.sin(2 * numpy.pi * (rows / period + index * speed))
            head = in_frame(turned(picture, depth, yaw * 0.8, 0), scene, sway)
            flat = in_frame(picture, numpy.zeros_like(scene), sway)
            kinds = {
                "bona-fide/turning": lambda: head,
                "bona-fide/nodding": lambda: in_frame(turned(picture, depth, 0, yaw * 0.5), scene, sway),
                "bona-fide/still": lambda: in_frame(turned(picture, depth, yaw * 0.1, 0), scene, sway),
                # Lamps on the mains do it to the whole scene: that is no screen.
                "bona-fide/under-lamps": lambda: head * bands,
                "print-tilted/turn": lambda: in_frame(tilted(picture, yaw * 1.15, 0), scene, sway),
                "print-tilted/nod": lambda: in_frame(tilted(picture, 0, yaw * 1.15), scene, sway),
                "print-still/still": lambda: in_frame(picture, scene, sway),
                "screen-grid/still": lambda: in_frame(seen(*screen, shift=sway), scene, (0, 0), resize=False),
                "screen-bands/still": lambda: numpy.where(flat > 0, flat * bands, scene),
            }
            for kind, frame in kinds.items():
                if wanted(kind):
                    write(options.out, kind, number, index, noisy(frame(), random))
            if index < 6:
                loop = (loop if index else []) + [noisy(head, random)]
            if wanted("fed-still"):
                write(options.out, "fed-still/same", number, index, loop[0])
            if wanted("fed-loop"):
                write(options.out, "fed-loop/loop", number, index, loop[index % 6])


def write(out, kind, number, index, frame):
    folder = out / f"{kind}-{number:03d}"
    folder.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(folder / f"{index:04d}.jpg"), frame, [cv2.IMWRITE_JPEG_QUALITY, 92])


if __name__ == "__main__":
    main()
