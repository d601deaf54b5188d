"""The operator's way with a real device in Chromium, from its waiting to its being wiped: `deploy/browser --fleet` calls this."""

import argparse
import base64
import datetime
import http.client
import json
import pathlib
import signal
import ssl
import subprocess
import tempfile
import time
import urllib.parse

import updates
from checks import Checks
from console import Hub, PASSWORD, Walk
from playwright.sync_api import expect, sync_playwright

ACCOUNT, OWNER, GROUP, GALLERY = "Acme", "owner@acme.example", "entrance", "staff"
# What somebody might type: it must be shown as it is.
LABEL = {"en": "North <b>door</b> & gate", "zh-CN": "北门 <i>一号</i>"}


class Person:
    """A member of the account, over the API."""

    def __init__(self, url):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self.connection = http.client.HTTPSConnection(urllib.parse.urlsplit(url).netloc, context=context, timeout=60)
        self.headers = {"Content-Type": "application/json"}

    def call(self, method, path, body=None, **headers):
        self.connection.request(method, path, json.dumps(body) if body is not None else None, self.headers | headers)
        answer = self.connection.getresponse()
        data = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer.status} {data.decode(errors='replace')}")
        if cookie := answer.headers["Set-Cookie"]:
            self.headers["Cookie"] = cookie.split(";")[0]
        return json.loads(data) if data else None

    def sign_in(self):
        self.headers["X-CSRF-Token"] = self.call("POST", "/v1/account/session", {"email": OWNER, "password": PASSWORD})["csrfToken"]


def furnish(hub, demo):
    """An account with a group, and a gallery with somebody who agreed that terminals keep their template."""
    hub.run("admin", "account", "open", ACCOUNT, "--email", OWNER)
    token = hub.run("admin", "mail", "show", OWNER, "--token")
    hub.run("admin", "account", "activate", token, "--accept", stdin=PASSWORD + "\n")
    hub.run("billing", "credit", ACCOUNT, "100")
    hub.run("quota", "set", ACCOUNT, "face.search", "--units", "1000")
    hub.run("quota", "set", ACCOUNT, "face.enrol", "--units", "1000")
    hub.run("group", "make", ACCOUNT, GROUP)
    owner = Person(hub.url)
    owner.sign_in()
    application = owner.call("POST", "/v1/account/applications", {"name": "door"})["id"]
    owner.call("POST", f"/v1/account/applications/{application}/entitlements", {"api": "face.enrol"})
    program = Person(hub.url)
    program.headers["Authorization"] = "Bearer " + owner.call("POST", "/v1/account/keys", {"application": application, "name": "k"})["secret"]
    gallery = "/v1/galleries/" + program.call("POST", "/v1/galleries", {"name": GALLERY})["id"]
    now = datetime.datetime.now(datetime.timezone.utc)
    given, ends = (moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in (now, now + datetime.timedelta(days=30)))
    consent = {"reference": "paper 17", "purpose": "door", "given": given, "expires": ends, "onDevices": True}
    person = program.call("POST", gallery + "/persons", {"label": "Barack", "consent": consent})["id"]
    image = base64.b64encode((demo / "obama.jpg").read_bytes()).decode()
    program.call("POST", f"{gallery}/persons/{person}/templates", {"image": image})


class Device:
    """A machine with the agent: it waits, then runs."""

    def __init__(self, program, hub, folder, models):
        self.program, self.hub, self.data, self.models = program, hub, pathlib.Path(folder), models
        self.environment = hub.environment | {"VULTUS_EDGE_DATA": str(self.data), "VULTUS_MODELS": str(models)}
        self.agent = None

    def wait(self, authority, label):
        words = ["join", self.hub.url, "--wait", "--authority", authority, "--label", label, "--json"]
        self.joining = subprocess.Popen([self.program, *words], env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.joining.stdout.readline()
        if not line:
            raise SystemExit("the device does not wait: " + self.joining.stderr.read())
        return json.loads(line)["waiting"]

    def joined(self):
        output, errors = self.joining.communicate(timeout=90)
        return self.joining.returncode, output + errors

    def run(self, log):
        """The agent, in step with the hub every second."""
        self.agent = subprocess.Popen(
            [self.program, "serve", "--socket", str(self.data / "agent.sock"), "--sync-every", "1"], env=self.environment, stdout=log, stderr=log)

    def identify(self, picture):
        done = subprocess.run([self.program, "identify", str(picture), "--json"], env=self.environment, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def stop(self):
        for process in (self.agent, getattr(self, "joining", None)):
            if process and process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
                process.wait(timeout=60)


def sign_in(walk, mailbox):
    walk.hub.run("admin", "operator", "invite", mailbox, "--role", "administrator")
    walk.page.goto(walk.hub.mailed_link(mailbox, "/operator/invitation"))
    walk.page.fill("[name=password]", PASSWORD)
    walk.press(walk.say("Join", "加入"))
    walk.page.wait_for_url("**/operator/sign-in*")
    walk.page.fill("[name=email]", mailbox)
    walk.page.fill("[name=password]", PASSWORD)
    walk.press(walk.say("Sign in", "登录"))
    walk.page.wait_for_url("**/operator")


def unfold(walk, words):
    walk.page.locator("summary").filter(has_text=words).first.click()


def approve(walk, device):
    """The device waits; the operator compares, and lets it in."""
    page, checks, say, language = walk.page, walk.checks, walk.say, walk.language
    walk.go("/operator/waiting")
    walk.look("fleet-waiting-none")
    fingerprint = device.wait(json.loads(walk.hub.run("device", "waiting", "--json"))["authority"], LABEL[language])
    row = page.get_by_role("row").filter(has_text=fingerprint)
    # Nobody reloads: the hub tells of it.
    expect(row).to_be_visible()
    checks.that(LABEL[language] in row.inner_text(), f"what a device calls itself is shown letter by letter, {language}", row.inner_text())
    walk.look("fleet-waiting")
    walk.narrow("fleet-waiting")
    checks.that(json.loads(walk.hub.run("device", "list", "--account", ACCOUNT, "--json")) == walk.known, f"nothing is issued before approval, {language}")
    walk.go("/operator")
    expect(page.locator(".notice").filter(has_text=say("wait to be approved", "等待批准的设备"))).to_be_visible()
    walk.go("/operator/waiting")
    page.get_by_role("link", name=fingerprint).click()
    walk.look("fleet-approve")
    page.locator("[name=place]").select_option(label=f"{ACCOUNT} / {GROUP}")
    page.locator("[name=labels]").fill("site=north\nno label")
    page.locator("[name=compared]").check()
    walk.press(say("Approve the device", "批准该设备"))
    expect(page.locator(".fault")).to_be_visible()
    checks.that(page.locator("[name=compared]").is_checked(), f"a refusal keeps what was filled in, {language}")
    walk.look("fleet-approve-refused", refused=True)
    page.locator("[name=labels]").fill("site=north")
    walk.press(say("Approve the device", "批准该设备"))
    page.wait_for_url("**/operator/devices/dev_*")
    status, said = device.joined()
    checks.that(status == 0, f"the approved device joins, {language}", said)
    checks.that(fingerprint in page.inner_text("main"), f"the device's page shows the fingerprint that was compared, {language}")
    walk.look("fleet-device-new")


def assign(walk):
    page, say = walk.page, walk.say
    walk.go("/operator/groups")
    walk.look("fleet-groups")
    page.get_by_role("link", name=GROUP).click()
    if not page.get_by_role("row").filter(has_text=GALLERY).count():
        unfold(walk, say("Assign a gallery", "下发人脸库"))
        walk.press(say("Assign the gallery", "下发人脸库"))
        expect(page.locator(".notice.good")).to_be_visible()
    walk.look("fleet-group")
    walk.narrow("fleet-group")


def alive(walk, device, address, demo):
    """It recognises whom it was given, and its page says so without being reloaded."""
    page, checks, say, language = walk.page, walk.checks, walk.say, walk.language
    walk.go(address)
    journal = page.locator("dl.terms div").filter(has_text=say("Journal", "日志")).first
    before = journal.inner_text()
    until = time.monotonic() + 60
    while True:
        status, said = device.identify(demo / "obama2.jpg")
        if '"match"' in said or time.monotonic() > until:
            break
        time.sleep(1)
    checks.that(status == 0 and '"match"' in said, f"the device recognises whom the assigned gallery holds, {language}", said[-600:])
    page.wait_for_function("before => document.querySelector('dl.terms') && !document.querySelector('main').innerText.includes(before)", arg=before)
    expect(page.locator(".notice.good").filter(has_text=say("works by what is wanted", "与期望一致"))).to_be_visible()
    state = page.locator("dl.terms").first.inner_text()
    checks.that(not any(word in state for word in ("never", "silent", "从未", "失联")), f"it is heard of, {language}", state)
    walk.look("fleet-device")
    walk.narrow("fleet-device")


def drift(walk, device):
    """Its threshold is changed: the drift opens, and closes when the device has told."""
    page, say, language = walk.page, walk.say, walk.language
    device.agent.send_signal(signal.SIGSTOP)
    unfold(walk, say("Settings of its own", "本机单独配置"))
    page.locator("[name=targetFalseMatchRate]").select_option("1e-05")
    walk.press(say("Let it work so", "保存本机配置"))
    expect(page.locator(".notice.warm").filter(has_text=say("does not work by", "尚未同步"))).to_be_visible()
    row = page.get_by_role("row").filter(has_text=say("1 in 100,000", "十万分之一"))
    walk.checks.that(row.locator(".badge.warm").count() == 1, f"the setting that differs is marked, {language}", row.inner_text())
    walk.look("fleet-drift")
    device.agent.send_signal(signal.SIGCONT)
    expect(page.locator(".notice.good").filter(has_text=say("works by what is wanted", "与期望一致"))).to_be_visible()
    walk.checks.that(row.locator(".badge").count() == 0, f"the mark goes when the drift has closed, {language}", row.inner_text())


def commands(walk, device, demo):
    page, checks, say, language = walk.page, walk.checks, walk.say, walk.language
    walk.press(say("Pause", "暂停"))
    row = page.get_by_role("row").filter(has_text=say("Pause", "暂停"))
    expect(row.locator(".badge.good")).to_be_visible()
    status, said = device.identify(demo / "obama2.jpg")
    checks.that(status == 77 and "device_paused" in said, f"a paused device decides nothing and says why, {language}", said[-400:])
    page.reload()
    expect(page.get_by_role("button", name=say("Resume", "恢复"))).to_be_visible()
    walk.look("fleet-paused")
    walk.press(say("Diagnostics", "诊断"))
    with page.expect_download() as download:
        page.get_by_role("link", name=say("Download", "下载")).click()
    bundle = json.loads(pathlib.Path(download.value.path()).read_text())
    checks.that("findings" in json.dumps(bundle), f"the diagnostics are a file, {language}")
    walk.press(say("Resume", "恢复"))
    expect(page.get_by_role("row").filter(has_text=say("Resume", "恢复")).locator(".badge.good")).to_be_visible()
    walk.look("fleet-commands")


def wipe(walk, device):
    page, checks, say, language = walk.page, walk.checks, walk.say, walk.language
    unfold(walk, say("Wipe it", "擦除"))
    page.locator("form[action$='/wipe'] [name=confirm]").fill("some other door")
    walk.press(say("Wipe the device", "擦除设备"))
    expect(page.locator(".fault")).to_be_visible()
    walk.look("fleet-wipe-refused", refused=True)
    page.locator("form[action$='/wipe'] [name=confirm]").fill(LABEL[language])
    walk.press(say("Wipe the device", "擦除设备"))
    row = page.get_by_role("row").filter(has_text=say("Wipe", "擦除"))
    expect(row.locator(".badge.good")).to_be_visible()
    device.agent.wait(timeout=60)
    left = sorted(path.name for path in device.data.iterdir() if path.suffix != ".sock")
    checks.that(left == ["store.lock", "wiped.json"], f"nothing is left on a wiped device, {language}", str(left))
    walk.look("fleet-wiped")


def around(walk):
    """The list with its filters, and the tokens."""
    page, checks, say, language = walk.page, walk.checks, walk.say, walk.language
    walk.go("/operator/devices")
    walk.look("fleet-list")
    walk.narrow("fleet-list")
    page.fill("form.filter [name=text]", LABEL[language])
    walk.press(say("Show", "筛选"))
    checks.that(page.locator("table.records tbody tr").count() == 1, f"the list is narrowed by name, {language}", page.inner_text("main"))
    page.locator("form.filter [name=state]").select_option("stolen")
    walk.press(say("Show", "筛选"))
    expect(page.get_by_text(say("No device is like that.", "没有符合条件的设备。"))).to_be_visible()
    walk.look("fleet-list-narrowed")
    walk.go("/operator/tokens")
    walk.look("fleet-tokens")
    walk.press(say("Make the token", "生成令牌"))
    checks.that(page.input_value("#secret").startswith("vjt_"), f"a token is shown once, {language}")
    walk.look("fleet-token")
    walk.go("/operator/tokens")
    walk.press(say("Withdraw", "撤回"))
    expect(page.locator(".notice.good")).to_be_visible()


def own(walk):
    """The account's own page of its devices."""
    page, say = walk.page, walk.say
    walk.go("/account/devices")
    page.fill("[name=email]", OWNER)
    page.fill("[name=password]", PASSWORD)
    walk.press(say("Sign in", "登录"))
    page.wait_for_url("**/account/devices")
    walk.look("fleet-account-list")
    page.get_by_role("link", name=LABEL[walk.language]).click()
    page.wait_for_url("**/account/devices/dev_*")
    walk.look("fleet-account-device")
    walk.narrow("fleet-account-device")


def without_scripts(browser, hub, checks, mailbox, address):
    """The same page where no script runs: it says as of when it is, and its buttons work."""
    context = browser.new_context(java_script_enabled=False, ignore_https_errors=True, locale="en")
    page = context.new_page()
    page.goto(hub.url + address)
    page.fill("[name=email]", mailbox)
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**" + address)
    checks.that("reload the page" in page.inner_text("main"), "a page without scripts says how to see what is new")
    page.get_by_role("button", name="Sync now").click()
    checks.that("Sync now" in page.locator("table", has_text="Sync now").inner_text(), "a command is given without scripts")
    context.close()


def main():
    parser = argparse.ArgumentParser()
    for name in ("programs", "models", "chromium"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--shots")
    options = parser.parse_args()
    checks, devices = Checks(), []
    with tempfile.TemporaryDirectory(prefix="vultus-fleet-") as folder:
        shots = pathlib.Path(options.shots or folder, "shots" if not options.shots else "")
        shots.mkdir(parents=True, exist_ok=True)
        demo = pathlib.Path(options.models, "demo")
        hub = Hub(pathlib.Path(options.programs, "vultus-hub"), folder, options.models)
        try:
            furnish(hub, demo)
            with sync_playwright() as playwright, open(pathlib.Path(folder, "agent.log"), "wb") as log:
                browser = playwright.chromium.launch(executable_path=options.chromium, args=["--no-sandbox"])
                workshop = updates.Workshop(hub, pathlib.Path(options.programs, "vultus-edge"), folder)
                for language, mailbox in (("en", "grace@provider.example"), ("zh-CN", "wang@provider.example")):
                    walk = Walk(browser, hub, checks, shots, language)
                    device = Device(pathlib.Path(options.programs, "vultus-edge"), hub, pathlib.Path(folder, "edge-" + language), options.models)
                    devices.append(device)
                    walk.known = json.loads(hub.run("device", "list", "--account", ACCOUNT, "--json"))
                    sign_in(walk, mailbox)
                    approve(walk, device)
                    address = urllib.parse.urlsplit(walk.page.url).path
                    device.run(log)
                    assign(walk)
                    alive(walk, device, address, demo)
                    drift(walk, device)
                    commands(walk, device, demo)
                    if language == "en":
                        without_scripts(browser, hub, checks, mailbox, address)
                    wipe(walk, device)
                    around(walk)
                    updates.all_of_it(walk, mailbox, PASSWORD, hub, options.programs, folder, options.models, workshop, ACCOUNT, GROUP)
                    own(Walk(browser, hub, checks, shots, language))
                browser.close()
        finally:
            for device in devices:
                device.stop()
            hub.stop()
    print(f"{checks.kept} promises kept, {len(checks.broken)} broken")
    raise SystemExit(1 if checks.broken else 0)


if __name__ == "__main__":
    main()
