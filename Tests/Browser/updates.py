"""A release from its form over what it would do to a device that tries it, as an operator sees that: `fleet.py` walks this."""

import json
import pathlib
import signal
import subprocess
import time

from playwright.sync_api import expect

DEVICE = {"en": "Back <b>door</b>", "zh-CN": "后门 <i>二号</i>"}


class Workshop:
    """A release key that the hub does not have, and what it signs."""

    def __init__(self, hub, program, folder):
        self.hub, self.program, self.folder = hub, program, pathlib.Path(folder)
        self.key = self.folder / "release-key"
        hub.run("release", "keygen", self.key)

    def publish(self, version, line=None):
        """- Parameter line: of a shell that stands for the program; without one, the agent as it is."""
        release = self.folder / f"release-{version}"
        path = release / "bin" / "vultus-edge"
        path.parent.mkdir(parents=True)
        path.write_text("#!/bin/sh\n" + (line or f'exec "{self.program}" "$@"') + "\n")
        path.chmod(0o755)
        self.hub.run("release", "sign", release, "--key", self.key, "--kind", "agent", "--version", version)
        self.hub.run("release", "publish", release, "--key", f"{self.key}.pub")


class Launched:
    """A machine whose agent runs under its launcher, and so takes releases."""

    def __init__(self, program, hub, folder, models, key, account, group, label):
        self.environment = hub.environment | {"VULTUS_EDGE_DATA": str(folder), "VULTUS_MODELS": str(models)}
        token = json.loads(hub.run("device", "token", account, "--group", group, "--json"))["token"]
        joined = subprocess.run(
            [program, "join", hub.url, "--token", token, "--release-key", f"{key}.pub", "--label", label, "--json"], env=self.environment,
            capture_output=True, text=True)
        if joined.returncode:
            raise SystemExit(f"the device does not join: {joined.stderr}")
        self.log = open(f"{folder}.log", "wb")
        self.process = subprocess.Popen(
            [program, "launch", "--trial-seconds", "60", "--", "serve", "--socket", f"{folder}/agent.sock", "--sync-every", "1"], env=self.environment,
            stdout=self.log, stderr=self.log)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=60)
        self.log.close()


def row(walk, words):
    return walk.page.get_by_role("row").filter(has_text=words)


def choose(walk, version):
    walk.go("/operator/updates")
    row(walk, version).get_by_role("link", name=version).last.click()
    walk.page.wait_for_url("**/releases/rel_*")


def begin(walk, shares, look=None):
    """- Parameter shares: of the stages, in percent; the first is there, others may be empty."""
    page, say = walk.page, walk.say
    for number in range(4):
        page.fill(f"[name=share{number + 1}]", shares[number] if number < len(shares) else "")
        page.fill(f"[name=wait{number + 1}]", "")
    page.fill("[name=tries]", "1")
    walk.press(say("Show what will happen", "查看影响范围"))
    expect(page.get_by_role("heading", level=1)).to_contain_text(say("out?", "？"))
    if look:
        walk.look(look)
    walk.press(say("Begin the roll-out", "开始推送"))
    page.wait_for_url("**/operator/updates/rol_*")
    expect(page.locator(".notice.good").first).to_be_visible()
    return page.url.split("?")[0]


def part(walk, words):
    """What the bar says of one state."""
    return walk.page.locator(".share .legend li").filter(has_text=words)


def good(walk, workshop, version):
    page, checks, say, language = walk.page, walk.checks, walk.say, walk.language
    choose(walk, version)
    page.fill("[name=share1]", "0")
    walk.press(say("Show what will happen", "查看影响范围"))
    expect(page.locator(".fault")).to_be_visible()
    checks.that(page.input_value("[name=share1]") == "0", f"a refused roll-out keeps what was filled in, {language}")
    walk.look("updates-refused", refused=True)
    choose(walk, version)
    walk.look("updates-release")
    walk.narrow("updates-release")
    address = begin(walk, ["100"], look="updates-shown")
    # Nobody reloads: the hub tells how far it is.
    expect(part(walk, say("works: 1", "运行正常: 1"))).to_be_visible()
    page.reload()
    checks.that(DEVICE[language] in page.inner_text("main"), f"the roll-out lists its device letter by letter, {language}")
    walk.look("updates-rollout")
    walk.narrow("updates-rollout")
    return address


def bad(walk, workshop, version):
    page, checks, say, language = walk.page, walk.checks, walk.say, walk.language
    choose(walk, version)
    address = begin(walk, ["100", "100"])
    expect(part(walk, say("rolled back: 1", "已回退: 1"))).to_be_visible()
    expect(page.locator(".notice.bad")).to_contain_text(say("It paused by itself", "已自动暂停"))
    checks.that("exit code 3" in page.locator("table.records", has_text=say("Reason", "原因")).first.inner_text(), f"why it failed is told, {language}",
                page.inner_text("main"))
    page.reload()
    walk.look("updates-failed")
    page.locator("form.filter [name=state]").select_option("confirmed")
    walk.press(say("Show", "筛选"))
    expect(page.get_by_text(say("No device is like that.", "没有符合条件的设备。"))).to_be_visible()
    page.locator("form.filter [name=state]").select_option("rolled_back")
    walk.press(say("Show", "筛选"))
    row(walk, DEVICE[language]).get_by_role("link").first.click()
    page.wait_for_url("**/operator/devices/dev_*")
    checks.that("exit code 3" in page.locator("table.records", has_text=version).inner_text(), f"the device's own page tells it too, {language}")
    walk.look("updates-device")
    return address


def alert(walk):
    """The hub looks once a minute."""
    page, say = walk.page, walk.say
    until = time.monotonic() + 150
    listed = page.locator("table.records").first.get_by_role("row").filter(has_text=DEVICE[walk.language])
    while True:
        walk.go("/operator/alerts")
        if listed.count() or time.monotonic() > until:
            break
        time.sleep(3)
    walk.checks.that(listed.count() == 1 and say("Update failed", "软件更新失败") in listed.inner_text(), f"an update that failed is an alert, {walk.language}",
                     page.inner_text("main")[:600])
    walk.look("updates-alert")


def back(walk, address, version):
    """The device goes back, and the release is withdrawn."""
    page, checks, say, language = walk.page, walk.checks, walk.say, walk.language
    page.goto(address)
    page.locator("summary").filter(has_text=say("Send devices back", "退回之前的版本")).click()
    page.locator("form[action$='/return'] [name=confirm]").fill("9.9.9")
    walk.press(say("Send devices back", "退回设备"))
    expect(page.locator(".fault")).to_be_visible()
    walk.look("updates-return-refused", refused=True)
    page.locator("form[action$='/return'] [name=confirm]").fill(version)
    walk.press(say("Send devices back", "退回设备"))
    expect(part(walk, say("went back: 1", "已退回: 1"))).to_be_visible()
    page.reload()
    walk.look("updates-returned")
    page.get_by_role("link", name=say("The release", "查看版本")).click()
    page.locator("summary").filter(has_text=say("Withdraw it", "撤回")).click()
    page.locator("form[action$='/withdraw'] [name=confirm]").fill(version)
    walk.press(say("Withdraw the release", "撤回版本"))
    expect(page.locator(".notice.bad")).to_be_visible()
    walk.look("updates-withdrawn")
    checks.that(page.locator("form[action$='/rollouts']").count() == 0, f"a withdrawn release is rolled out no more, {language}")
    walk.go("/operator/updates")
    walk.look("updates")
    walk.narrow("updates")


def keyboard(walk, address):
    """Everything of a roll-out's page is reached by keys alone, and what unfolds does so by a key."""
    page = walk.page
    page.goto(address)
    page.focus("main summary >> nth=-1")
    page.keyboard.press("Enter")
    shown = page.evaluate("document.activeElement.closest('details').open")
    page.keyboard.press("Tab")
    walk.checks.that(shown and page.evaluate("document.activeElement.name") == "confirm", "what is dangerous unfolds by a key, and the next stop is its field")


def without_scripts(walk, mailbox, password, address):
    """The same page where no script runs: it says as of when it is, and its buttons work."""
    context = walk.context.browser.new_context(java_script_enabled=False, ignore_https_errors=True, locale="en")
    page = context.new_page()
    page.goto(address)
    page.fill("[name=email]", mailbox)
    page.fill("[name=password]", password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/operator/updates/rol_*")
    walk.checks.that("reload the page" in page.inner_text("main"), "a roll-out's page without scripts says how to see what is new")
    page.get_by_role("button", name="Pause").click()
    walk.checks.that("It is paused." in page.inner_text("main"), "a roll-out is paused without scripts")
    page.get_by_role("button", name="Let it go on").click()
    walk.checks.that("It runs." in page.inner_text("main"), "a roll-out goes on without scripts")
    context.close()


def all_of_it(walk, mailbox, password, hub, programs, folder, models, workshop, account, group):
    """- Parameter workshop: one for all languages; versions grow with each."""
    page, say = walk.page, walk.say
    first, second = ("1.1.0", "1.2.0") if walk.language == "en" else ("2.1.0", "2.2.0")
    walk.go("/operator/updates")
    walk.look("updates-none")
    workshop.publish(first)
    workshop.publish(second, "exit 3")
    device = Launched(
        pathlib.Path(programs, "vultus-edge"), hub, pathlib.Path(folder, "launched-" + walk.language), models, workshop.key, account, group, DEVICE[walk.language])
    try:
        if walk.language == "en":
            walk.go("/operator/alerts")
            page.locator("summary").filter(has_text=say("A new rule", "新规则")).click()
            page.locator("form[action$='/rules'] [name=condition]").select_option("update_failed")
            page.locator("form[action$='/rules'] [name=level]").fill("1")
            walk.press(say("Add", "添加"))
            expect(page.locator(".notice.good")).to_be_visible()
        address = good(walk, workshop, first)
        if walk.language == "en":
            without_scripts(walk, mailbox, password, address)
        failed = bad(walk, workshop, second)
        alert(walk)
        if walk.language == "en":
            keyboard(walk, failed)
        page.goto(failed)
        page.locator("summary").filter(has_text=say("Cancel it", "取消推送")).click()
        page.locator("form[action$='/cancel'] [name=confirm]").fill(second)
        walk.press(say("Cancel the roll-out", "取消推送"))
        expect(page.locator(".notice.plain").filter(has_text=say("It is cancelled", "已取消"))).to_be_visible()
        back(walk, address, first)
    finally:
        device.stop()
