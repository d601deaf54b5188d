"""Puts the models, the engine, the demo pictures and their licences in place. Used by deploy/setup.

    prepare.py check TARGET              status 0 when TARGET is complete, else 10 and the faults
    prepare.py check-folded TARGET       the same for the two models `folded` makes
    prepare.py build ARCHIVES STAGE      takes files out of ARCHIVES, rewrites the models
    prepare.py folded ARCHIVES STAGE     only the two models, weights folded and nothing else:
                                         what OpenCV is measured with
    prepare.py install STAGE TARGET      moves a finished STAGE into TARGET, manifest last

catalogue.json says where each file comes from and what its sha256 must be. Needs onnx and numpy for
`build` and `folded` only.
"""
import glob
import hashlib
import json
import os
import platform
import sys
import tarfile
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
MANIFEST = "manifest.json"
FAULTY = 10  # exit status of a check that found something


class Refused(Exception):
    """A file is not what the catalogue says; the message names it."""


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as data:
        while block := data.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def catalogue():
    """The files of this machine's architecture, each with one expected sha256 and size."""
    machine = platform.machine()
    with open(os.path.join(HERE, "catalogue.json"), encoding="utf-8") as text:
        whole = json.load(text)
    files = [f for f in whole["files"] if f.get("machine", machine) == machine]
    if not any(f["role"] == "engine" for f in files):
        raise Refused(f"no inference engine is known for {machine}: x86_64 and aarch64 are served")
    return whole, files


def manifest(files):
    keys = ("name", "role", "model", "version", "sha256", "bytes", "licence", "provenance")
    entries = [{key: file[key] for key in keys} for file in files]
    return json.dumps({"version": 1, "files": entries}, indent=1, ensure_ascii=False) + "\n"


def check_folded(target):
    _, files = catalogue()
    wanted = {f["name"]: f["from"]["folded_sha256"] for f in files if "folded_sha256" in f["from"]}
    paths = {name: os.path.join(target, name) for name in wanted}
    return [f"missing or altered {n}" for n, path in paths.items()
            if not os.path.isfile(path) or sha256(path) != wanted[n]]


def check(target):
    """One line for each file of TARGET that is not as the catalogue says."""
    _, files = catalogue()
    faults = []
    for file in files:
        path = os.path.join(target, file["name"])
        if not os.path.isfile(path):
            faults.append(f"missing {file['name']}")
        elif os.path.getsize(path) != file["bytes"] or sha256(path) != file["sha256"]:
            faults.append(f"altered {file['name']}")
    try:
        with open(os.path.join(target, MANIFEST), encoding="utf-8") as text:
            if text.read() != manifest(files):
                faults.append(f"altered {MANIFEST}")
    except (FileNotFoundError, UnicodeDecodeError) as fault:
        faults.append(f"{'missing' if isinstance(fault, FileNotFoundError) else 'altered'} {MANIFEST}")
    return faults


def member(archives, pattern, name):
    """The bytes of one file inside a wheel or a source archive."""
    found = glob.glob(os.path.join(archives, pattern))
    if len(found) != 1:
        raise Refused(f"expected one {pattern} among the downloads, found {len(found)}")
    if found[0].endswith(".whl"):
        with zipfile.ZipFile(found[0]) as wheel:
            return wheel.read(name)
    with tarfile.open(found[0]) as source:
        return source.extractfile(name).read()


def verify(path, expected, size, what):
    actual, length = sha256(path), os.path.getsize(path)
    if actual != expected or length != size:
        raise Refused(f"{what}: sha256 {actual} ({length} bytes), expected {expected} ({size} bytes)")


def build(archives, stage, folded=False):
    whole, files = catalogue()
    for file in files:
        origin, path = file["from"], os.path.join(stage, file["name"])
        rewrite = origin.get("rewrite")
        if folded and "folded_sha256" not in origin:
            continue
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if "repository" in origin:
            with open(os.path.join(HERE, origin["repository"]), "rb") as text:
                data = text.read()
        else:
            data = member(archives, whole["archives"][origin["archive"]], origin["member"])
        with open(path, "wb") as out:
            out.write(data)
        if rewrite:
            verify(path, origin["sha256"], origin["bytes"], f"{origin['member']} as shipped")
            import models  # needs onnx and numpy
            models.REWRITES[rewrite](path, path, folded)
        if folded:
            verify(path, origin["folded_sha256"], os.path.getsize(path), f"{file['name']}, folded")
        else:
            verify(path, file["sha256"], file["bytes"], file["name"])
    if not folded:
        with open(os.path.join(stage, MANIFEST), "w", encoding="utf-8") as out:
            out.write(manifest(files))


def install(stage, target):
    """Replaces file by file, each at once; the manifest last, so it never names what is not there."""
    _, files = catalogue()
    for name in [f["name"] for f in files] + [MANIFEST]:
        path = os.path.join(target, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.replace(os.path.join(stage, name), path)


def main(arguments):
    command, places = arguments[0], arguments[1:]
    if command in CHECKS:
        faults = CHECKS[command](*places)
        print("\n".join(faults), end="\n" if faults else "")
        return FAULTY if faults else 0
    ACTIONS[command](*places)
    return 0


CHECKS = {"check": check, "check-folded": check_folded}
ACTIONS = {"build": build, "folded": lambda a, s: build(a, s, folded=True), "install": install}

if __name__ == "__main__":
    if (len(sys.argv), len(sys.argv) > 1 and sys.argv[1]) not in (
            [(3, c) for c in CHECKS] + [(4, a) for a in ACTIONS]):
        sys.exit(__doc__)
    try:
        sys.exit(main(sys.argv[1:]))
    except (Refused, OSError) as fault:
        sys.exit(f"prepare: {fault}")  # status 1
