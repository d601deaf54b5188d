"""A real camera's driver without a camera: Debian's kernel in QEMU, a webcam in user space on its USB bus, and the real agent.

The kernel is unpacked privately, never installed. QEMU emulates the processor (an unusable /dev/kvm is common in CI). In the guest
`uvcsim` is plugged into `vhci-hcd`, the stock `uvcvideo` driver makes a /dev/video0 of it, and `vultus-edge run --camera auto`
watches that while pictures, faults and sockets change (guest/scenario). The hub is a real one on this machine, in a network
namespace that has only the loopback: the guest's agent joins it and syncs, and both count the same.

What the guest leaves is judged here, check by check. Rates are never asserted: the machine is emulated.
"""

import argparse
import json
import lzma
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import zlib

HERE = pathlib.Path(__file__).parent
MODULES = ["virtio_pci", "virtio_net", "9pnet_virtio", "9p", "vhci-hcd", "uvcvideo"]
FOLDERS = ["net/core", "net/9p", "fs", "drivers/media", "drivers/usb", "drivers/virtio", "drivers/net", "drivers/input"]
PASSWORD = "correct horse battery staple"
# What each picture of the camera is made of. The empty scene is one without a face.
ENROLLED, PERSON, STRANGER = "obama.jpg", "obama2.jpg", "biden.jpg"

# What each planted fault must be found by; anything else that goes wrong does not count.
FOUND_BY = {
    "keep-buffers": "a healthy stream has no time-out, no loss and no restart", "ignore-sequence": "error bits are counted as lost or damaged frames",
    "keep-node": "a frame that is still looked at keeps nobody from the camera"}


class Unprepared(Exception):
    """The machine lacks what the rig needs: what, and what to do."""


def run(*words, **options):
    return subprocess.run([str(word) for word in words], check=True, **options)


# Preparing: everything is kept in the work folder and made again when what it is made of has changed.


def kernel(work):
    """Debian's own kernel and modules, unpacked below `work`. Returns their folder and the version."""
    found = subprocess.run(["apt-cache", "depends", "linux-image-amd64"], capture_output=True, text=True).stdout
    match = re.search(r"Depends: (linux-image-(\S+))", found)
    if not match:
        raise Unprepared("apt knows no linux-image-amd64: the rig boots Debian's own kernel", "as root: apt-get update, on Debian for amd64")
    package, version = match.groups()
    folder = work / f"kernel-{version}"
    if (folder / "vmlinux").exists():
        return folder, version
    with tempfile.TemporaryDirectory(dir=work) as draft:
        fetched = subprocess.run(["apt-get", "-q", "download", package], cwd=draft, capture_output=True, text=True)
        archives = list(pathlib.Path(draft).glob("*.deb"))
        if not archives:
            raise Unprepared(f"{package} cannot be fetched: {fetched.stderr.strip()[-200:]}", "as root: apt-get update; then again")
        tree = pathlib.Path(draft) / "tree"
        run("dpkg", "-x", archives[0], tree)
        image = (tree / "boot" / f"vmlinuz-{version}").read_bytes()
        (tree / "vmlinux").write_bytes(uncompressed(image))
        run("/sbin/depmod", "-b", tree, version, stderr=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)
        tree.rename(folder)
    return folder, version


def uncompressed(image):
    """The ELF inside a bzImage (Linux Documentation/arch/x86/boot.rst), which QEMU boots by PVH in half the time."""
    start = ((image[0x1F1] or 4) + 1) * 512 + struct.unpack_from("<I", image, 0x248)[0]
    payload = image[start : start + struct.unpack_from("<I", image, 0x24C)[0]]
    if payload[:6] == b"\xfd7zXZ\0":
        elf = lzma.LZMADecompressor().decompress(payload)
    elif payload[:2] == b"\x1f\x8b":
        elf = zlib.decompressobj(31).decompress(payload)
    else:
        raise Unprepared("the kernel is packed in a way that is not known here: " + payload[:6].hex(), "teach Tests/CameraRig/run.py")
    assert elf[:4] == b"\x7fELF"
    return elf


def programs(work):
    """The rig's own programs in C, compiled with the toolchain's clang."""
    folder = work / "programs"
    folder.mkdir(exist_ok=True)
    for name, source, *options in [
        ("uvcsim", "uvcsim.c", "-static"), ("poweroff-rig", "poweroff.c", "-static"), ("pictures", "pictures.c", "-lturbojpeg"),
        ("planted.so", "planted.c", "-shared", "-fPIC", "-ldl")
    ]:
        target, origin = folder / name, HERE / source
        if not target.exists() or target.stat().st_mtime < origin.stat().st_mtime:
            run("clang", "-O2", "-Wall", "-Wextra", "-Werror", "-o", target, origin, *options)
    return folder


def libraries(program):
    """Every shared library a program is loaded with."""
    listed = subprocess.run(["ldd", str(program)], check=True, capture_output=True, text=True).stdout
    return sorted({pathlib.Path(path) for path in re.findall(r"(?:=> |^\s)(/\S+)", listed, re.M)})


def pictures(tools, demo, size, target):
    width, height = size.split("x")
    target.mkdir()
    for name, source in [("enrolled", ENROLLED), ("person", PERSON), ("stranger", STRANGER)]:
        run(tools / "pictures", demo / source, width, height, target / name)
    # Nobody there: the lower end of a portrait, out of which a scene without a face is cut.
    run(tools / "pictures", "--below", demo / PERSON, width, height, target / "empty")


def image(work, folder, version, tools, agent, demo, size):
    """The guest's whole file system, as an initramfs."""
    root, archive = work / "root", work / "initramfs"
    shutil.rmtree(root, ignore_errors=True)
    for name in ["bin", "dev", "proc", "sys", "tmp", "out", "models", "modules", "rig", "lib64"]:
        (root / name).mkdir(parents=True)
    shutil.copy("/bin/busybox", root / "bin/busybox")
    for name in ["uvcsim", "poweroff-rig", "planted.so"]:
        shutil.copy(tools / name, root / "rig" / name)
    run("strip", "-o", root / "rig/vultus-edge", agent)
    for library in libraries(agent):
        target = root / library.relative_to("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library.resolve(), target)
    names = []
    for module in MODULES:
        shown = run("modprobe", "-d", folder, "-S", version, "--show-depends", module, capture_output=True, text=True).stdout
        for path in re.findall(r"^insmod (\S+)", shown, re.M):
            name = pathlib.Path(path).name
            if name not in names:
                names.append(name)
                shutil.copy(path, root / "modules" / name)
    (root / "modules/list").write_text("\n".join(names) + "\n")
    pictures(tools, demo, size, root / "pictures")
    shutil.copy(HERE / "guest/init", root / "init")
    shutil.copy(HERE / "guest/scenario", root / "rig/scenario")
    (root / "init").chmod(0o755)
    listing = subprocess.run(["find", "."], cwd=root, check=True, capture_output=True).stdout
    with open(archive, "wb") as file:
        run("cpio", "-o", "-H", "newc", "--quiet", cwd=root, input=listing, stdout=file)
    return archive


# Playing.


class Hub:
    """`vultus-hub serve` with an account that may search, and a token for one device."""

    def __init__(self, program, folder):
        self.program = str(program)
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("VULTUS_HUB_")}
        self.environment["VULTUS_HUB_DATA"] = str(folder / "hub")
        self.run("init")
        self.run("admin", "account", "open", "Rig", "--email", "owner@rig.example")
        self.run("admin", "account", "activate", self.run("admin", "mail", "show", "owner@rig.example", "--token"), "--accept", stdin=PASSWORD + "\n")
        self.run("price", "set", "face.search", "--price", "0.01")
        self.run("quota", "set", "Rig", "face.search", "--units", "1000")
        self.run("billing", "credit", "Rig", "1000")
        with open(folder / "hub.log", "wb") as log:
            # 10.0.2.2 is this machine as QEMU's guests see it.
            self.process = subprocess.Popen(
                [self.program, "serve", "--listen", "127.0.0.1:0", "--name", "10.0.2.2", "--metrics", "off", "--json"], env=self.environment,
                stdout=subprocess.PIPE, stderr=log, text=True)
        self.url = json.loads(self.process.stdout.readline())["url"].replace("127.0.0.1", "10.0.2.2").replace("localhost", "10.0.2.2")
        self.token = self.run("device", "token", "Rig")

    def run(self, *words, stdin=None):
        return subprocess.run([self.program, *words], env=self.environment, input=stdin, check=True, capture_output=True, text=True).stdout.strip()

    def units(self):
        return sum(line["units"] for line in json.loads(self.run("usage", "Rig", "--json")))

    def stop(self):
        self.process.terminate()
        self.process.wait()


def boot(folder, archive, models, out, parts, size, planted, seconds):
    """Boots the guest until it ends itself. Returns its code, or why there is none."""
    line = f"console=ttyS0 quiet no_timer_check panic=-1 parts={','.join(parts)} size={size} planted={planted or ''}"
    # Fused multiplication is emulated in software, bit by bit: a face takes seconds with it, and less than one without.
    command = [
        "qemu-system-x86_64", "-M", "q35", "-accel", "tcg,thread=multi", "-cpu", "max,-fma", "-smp", "2", "-m", "1024", "-nodefaults", "-no-user-config",
        "-display", "none", "-serial", "stdio", "-no-reboot", "-kernel", folder / "vmlinux", "-initrd", archive, "-append", line,
        "-device", "isa-debug-exit,iobase=0x501,iosize=1",
        "-virtfs", f"local,path={out},mount_tag=out,security_model=none",
        "-virtfs", f"local,path={models},mount_tag=models,security_model=none,readonly=on",
        "-netdev", "user,id=n0", "-device", "virtio-net-pci,netdev=n0"]
    with open(out / "console.log", "wb") as console:
        guest = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT)
        try:
            status = guest.wait(seconds)
        except subprocess.TimeoutExpired:
            guest.kill()
            guest.wait()
            return f"it did not end within {seconds} s"
    return (status - 1) // 2 if status % 2 else f"QEMU ended with {status}"


# Judging.


class Judge:
    def __init__(self, out):
        self.out, self.faults = out, []

    def check(self, promise, holds, shown=""):
        print(f"  {'ok   ' if holds else 'FAULT'}  {promise}{'' if holds or shown == '' else f': {shown}'}", flush=True)
        if not holds:
            self.faults.append(promise)

    def text(self, name):
        path = self.out / name
        return path.read_text(errors="replace") if path.exists() else ""

    def value(self, name):
        try:
            return json.loads(self.text(name))
        except ValueError:
            return None

    def camera(self, part):
        """The agent's one camera in a status."""
        status = self.value(f"status-{part}.json") or {}
        return (status.get("cameras") or [{}])[0]

    def counters(self, part):
        return self.camera(part).get("counters") or {}

    def said(self, name="agent.jsonl"):
        lines = []
        for line in self.text(name).splitlines():
            try:
                lines.append(json.loads(line))
            except ValueError:
                self.faults.append("every line of the agent is JSON: " + line[:120])
        return lines


def faces(said):
    """Of the passages that were decided on; one that was decided on before comes with `returned`, and is charged nothing."""
    passages = [line.get("passage") or {} for line in said]
    return [passage["face"] for passage in passages if passage.get("kind") == "decided"]


def judge_recognition(judge):
    said = judge.said()
    streams = [line["mode"]["code"] for line in said if line.get("event") == "streaming"]
    for part, code in [("mjpeg", "MJPG"), ("stranger", "MJPG"), ("yuyv", "YUYV")]:
        judge.check(f"{part}: the agent streams {code}", (judge.camera(part).get("mode") or {}).get("code") == code, judge.camera(part))
    # A camera whose frames nobody can look at in time is asked for fewer, which begins its stream anew.
    changes = [code for code, former in zip(streams, [None] + streams) if code != former]
    judge.check("what streams is the format there is", changes[:2] == ["MJPG", "YUYV"], streams)
    # Whose picture an answer is about is told by the number of its frame.
    ends = [int(judge.text(f"last-{part}") or 0) for part in ("mjpeg", "stranger")]
    answers = [[], [], []]
    for line in said:
        number = int((re.search(r"frame (\d+)", line.get("source", "")) or [0, 0])[1])
        answers[sum(number > end for end in ends)] += [face["outcome"] for face in faces([line])]
    for outcomes, name, outcome in zip(
            answers, ("the enrolled person, from motion JPEG", "the stranger, at once in the same place", "the enrolled person, from YUYV"), ("match", "unknown", "match")):
        decided = [one for one in outcomes if one != "undecided"]
        judge.check(f"{name}: {outcome}, and never anything else", decided and set(decided) == {outcome}, outcomes)
    listed = [entry["camera"] for entry in (judge.value("cameras-one.json") or {"cameras": []})["cameras"]]
    shown = [(camera["card"], camera["driver"], camera["serial"], [format["code"] for format in camera["formats"]]) for camera in listed]
    judge.check("`cameras` names card, driver, serial and format", shown == [("Rig UVC Camera: Rig UVC Camera", "uvcvideo", "0001", ["MJPG"])], shown)


def judge_faults(judge):
    healthy = judge.counters("healthy")
    judge.check("a healthy stream has no time-out, no loss and no restart", healthy.get("frames", 0) >= 12 and not any(
        healthy.get(name, 1) for name in ("timeouts", "lost", "damaged", "restarts")), healthy)
    codes = {line["problem"]["code"] for line in judge.said() if line.get("problem")}
    judge.check("a frame that does not decode is refused with its reason", codes & {"image_corrupt", "image_truncated"}, codes)
    for before, part in [("healthy", "corrupt"), ("corrupt", "errbit"), ("errbit", "skip"), ("skip", "stall"), ("stall", "replugged")]:
        judge.check(f"{part}: it carries on", judge.counters(part).get("frames", 0) > judge.counters(before).get("frames", 1 << 30), judge.counters(part))
    lost = judge.counters("errbit")
    judge.check("error bits are counted as lost or damaged frames", lost.get("lost", 0) + lost.get("damaged", 0) > 0, lost)
    judge.check(
        "frames that the camera skips are no loss of the bus", judge.counters("skip").get("lost") == judge.counters("before-skip").get("lost"),
        (judge.counters("before-skip"), judge.counters("skip")))
    stall = judge.counters("stall")
    judge.check("a stall is counted as time-outs, and the stream begun anew", stall.get("timeouts", 0) >= 2 and stall.get("restarts", 0) >= 1, stall)
    judge.check("a stall is told of", any(line.get("event") == "stalled" and line["problem"]["code"] == "camera_failed" for line in judge.said()))
    # A doctor that looks for itself has it for a moment, and is named.
    busy = {line["problem"]["detail"] for line in judge.said() if (line.get("problem") or {}).get("code") == "camera_busy"}
    judge.check("a frame that is still looked at keeps nobody from the camera", not any("another user" in detail for detail in busy), busy)
    status = judge.text("status-no-room.txt")
    judge.check("a bus without room is named by `status`, with what to do", "no room" in status and "lsusb -t" in status, status)
    full = [finding for finding in judge.value("doctor-no-room.json") or [] if "no room" in finding["detail"]]
    judge.check("and by `doctor`", full and full[0]["verdict"] == "fault" and "lsusb -t" in full[0]["remedy"], judge.text("doctor-no-room.json"))
    watched = {finding["subject"]: finding for finding in judge.value("doctor-watched.json") or []}
    said = watched.get("camera", {}).get("detail", "")
    judge.check("`doctor` names what the running agent lost", "lost" in said or "damaged" in said, watched)
    gone = judge.counters("replugged")
    judge.check("every unplugging is counted", gone.get("disconnections", 0) >= 6, gone)
    node, held = judge.camera("replugged").get("path"), judge.text("held").strip()
    judge.check("and it is found again at another node", node and held and node != held, (node, held))


def judge_two(judge):
    said = [passage for passage in judge.said("agent-two.jsonl") if passage.get("passage", {}).get("kind") == "decided"]
    decided = {line["source"].rsplit(" frame ", 1)[0]: line["passage"]["face"]["outcome"] for line in said}
    judge.check("two cameras: each names its own, one the person and one the stranger", sorted(decided) == ["auto", "auto 2"] and sorted(decided.values()) == [
        "match", "unknown"] and len(said) == 2, [(line["source"], line["passage"]["face"]["outcome"]) for line in said])
    cameras = (judge.value("status-two.json") or {}).get("cameras") or []
    judge.check("two cameras: `status` has both, each with its node", len({camera.get("path") for camera in cameras} - {None}) == 2, cameras)
    judge.check("two cameras: the agent ends when told to", judge.text("agent-two.status").strip() == "0", judge.text("agent-two.err")[-300:])


def judge_all(judge, hub, parts, code):
    judge.check("the scenario comes to its end", code == 0, f"{code}; {judge.text('scenario.log')[-400:]}")
    none = judge.value("cameras-none.json") or {}
    judge.check("without a camera `cameras` says so and what to do", judge.text("cameras-none.status").strip() == "66" and [
        (problem["code"], bool(problem["remedy"])) for problem in none.get("problems", [])] == [("camera_missing", True)], none)
    if "recognise" in parts:
        judge_recognition(judge)
    if "two" in parts:
        judge_two(judge)
    if "faults" in parts:
        judge_faults(judge)
        idle = {finding["subject"]: finding for finding in judge.value("doctor-idle.json") or []}
        judge.check("`doctor` looks through a camera nobody watches and finds its one picture frozen", "frozen" in idle.get("camera", {}).get("detail", ""), idle.get("camera"))
    # What every frame source promises (FrameCaptureTests/SourceConformanceTests), of this one.
    numbers = [int(number) for line in judge.said() for number in re.findall(r"frame (\d+)", line.get("source", ""))]
    judge.check("frames are looked at in their order", numbers == sorted(numbers), numbers)
    judge.check("the agent ends when told to", judge.text("agent.status").strip() == "0", judge.text("agent.err")[-300:])
    brightness = re.findall(r"brightness (\d+)", judge.text("camera.log"))
    judge.check("controls are set, and put back at the end", "200" in brightness and ("faults" not in parts or brightness[-1] == "128"), brightness)
    judge.check("the guest's agent syncs with the hub", judge.text("sync.status").strip() == "0", judge.text("sync.json")[-300:])
    end = judge.value("status-end.json") or {}
    units = (end.get("units") or {}).get("face.search", 0)
    decided = [face for face in faces(judge.said() + judge.said("agent-two.jsonl")) if face["outcome"] != "undecided"]
    judge.check(f"decisions shown, units metered and the hub's ledger are one number ({units})", units == len(decided) == hub.units(), (units, len(decided), hub.units()))
    judge.check("nothing waits for the hub", end.get("waiting") == 0, end.get("waiting"))


def play(options, folder, archive):
    work = pathlib.Path(tempfile.mkdtemp(prefix="vultus-rig.", dir=options.work))
    out = work / "out"
    out.mkdir()
    hub = Hub(options.programs / "vultus-hub", work)
    try:
        (out / "hub.url").write_text(hub.url)
        (out / "hub.token").write_text(hub.token)
        since = time.monotonic()
        parts = options.parts.split(",")
        code = boot(folder, archive, options.models, out, parts, options.size, options.planted, options.seconds)
        print(f"  guest: {time.monotonic() - since:.1f} s", flush=True)
        judge = Judge(out)
        judge_all(judge, hub, parts, code)
    finally:
        hub.stop()
    if judge.faults:
        print(f"  what the guest left: {out}", file=sys.stderr)
    else:
        shutil.rmtree(work)
    return judge.faults


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=pathlib.Path, required=True, help="folder with vultus-edge and vultus-hub")
    parser.add_argument("--models", type=pathlib.Path, required=True, help="folder with the models and demo pictures")
    parser.add_argument("--work", type=pathlib.Path, required=True, help="folder for what is kept between runs")
    parser.add_argument("--size", default="320x240", help="of the camera's pictures")
    parser.add_argument("--parts", default="recognise,faults,two", help="what is played, of recognise, faults and two")
    parser.add_argument("--planted", choices=sorted(FOUND_BY), help="a fault to plant in the agent: then the rig must find one")
    parser.add_argument("--seconds", type=int, default=1500, help="for the whole guest")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    for name in ("programs", "models", "work"):
        setattr(options, name, getattr(options, name).resolve())
    options.work.mkdir(parents=True, exist_ok=True)
    try:
        folder, version = kernel(options.work)
        if not options.inside:
            tools = programs(options.work)
            image(options.work, folder, version, tools, options.programs / "vultus-edge", options.models / "demo", options.size)
            # From here on nothing can leave the machine.
            namespace = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-r", "-n"]
            return subprocess.run([*namespace, sys.executable, "-B", __file__, *sys.argv[1:], "--inside"]).returncode
    except Unprepared as lack:
        print(f"{lack.args[0]}\n{lack.args[1]}", file=sys.stderr)
        return 5
    run("ip", "link", "set", "lo", "up")
    faults = play(options, folder, options.work / "initramfs")
    if options.planted:
        is_found = FOUND_BY[options.planted] in faults
        print(f"  {options.planted}: {'found' if is_found else 'NOT FOUND'}")
        return 0 if is_found else 1
    return 1 if faults else 0


sys.exit(main())
