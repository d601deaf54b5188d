"""The user centre and the operator's console in Chromium, from signing up to the first call: `deploy/browser --console` calls this."""

import argparse
import base64
import email
import email.policy
import hmac
import json
import os
import pathlib
import re
import struct
import subprocess
import tempfile
import time

from axe_playwright_python.sync_playwright import Axe
from checks import Checks
from playwright.sync_api import expect, sync_playwright

PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)
PASSWORD = "correct horse battery staple"
# What somebody might type: it must be shown as it is.
NAME = {"en": "Ada <b>Lin</b> & Co", "zh-CN": "林 <i>某</i>"}
PACK = {"en": "1,000 <b>searches</b>", "zh-CN": "一千次 <i>检索</i>"}


class Hub:
    """A hub that sells its APIs, on loopback."""

    def __init__(self, program, folder, models):
        self.program, self.data = program, pathlib.Path(folder, "hub")
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("VULTUS_")}
        self.environment |= {"VULTUS_HUB_DATA": str(self.data), "VULTUS_MODELS": str(models)}
        self.run("init")
        for api, price in (("face.detect", "0.001"), ("face.quality", "0.001"), ("face.compare", "0.01"), ("face.search", "0.015"), ("face.enrol", "0.02")):
            self.run("price", "set", api, "--price", price)
            self.run("catalogue", "terms", api, "--trial-units", "100", "--trial-days", "30", "--no-paid-trial")
        with open(pathlib.Path(folder, "hub.log"), "wb") as log:
            self.process = subprocess.Popen(
                [program, "serve", "--listen", "127.0.0.1:0", "--metrics", "off", "--json"], env=self.environment, stdout=subprocess.PIPE, stderr=log, text=True)
        self.url = next((line["url"] for line in map(json.loads, self.process.stdout) if "url" in line), None)
        if not self.url:
            raise SystemExit("the hub did not start:\n" + pathlib.Path(folder, "hub.log").read_text(errors="replace"))
        self.run("admin", "setting", "set", "public-url", self.url)

    def run(self, *words, stdin=None):
        done = subprocess.run([str(self.program), *map(str, words)], env=self.environment, input=stdin, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"vultus-hub {' '.join(map(str, words))}: {done.stderr.strip()}")
        return done.stdout.strip()

    def mailed_link(self, mailbox, path):
        """The newest link to a page in the mail that was sent to a mailbox."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            for file in sorted((self.data / "mail").glob("*"), reverse=True):
                message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
                if mailbox in str(message["To"]):
                    text = message.get_body(("plain",)).get_content()
                    if found := re.search(re.escape(self.url + path) + r"#vmt_\S+", text):
                        return found[0]
            time.sleep(0.3)
        raise SystemExit(f"no mail to {mailbox} with a link to {path}")

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)


class Walk:
    """One person's way through the pages, in one language; every page is looked at in both schemes and held against axe's rules."""

    def __init__(self, browser, hub, checks, shots, language):
        self.hub, self.checks, self.shots, self.language = hub, checks, shots, language
        self.context = browser.new_context(locale=language, viewport={"width": 1280, "height": 860}, ignore_https_errors=True)
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.complaints, self.seen = [], 0
        self.page.on("console", lambda message: self.complaints.append(message.text) if message.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.complaints.append("asked elsewhere: " + request.url)
                     if not request.url.startswith((hub.url, "data:")) else None)
        self.axe = Axe()

    def say(self, english, chinese):
        return chinese if self.language.startswith("zh") else english

    def go(self, path):
        self.page.goto(self.hub.url + path)

    def look(self, name, refused=False):
        """- Parameter refused: the page says so with its status, which browsers note in their console."""
        self.seen += 1
        if refused:
            self.complaints = [line for line in self.complaints if "Failed to load resource" not in line]
        page = self.page
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found = [one for one in self.axe.run(page).response["violations"] if one["impact"] in ("serious", "critical", "moderate")]
            self.checks.that(not found, f"axe finds no fault, {name} {self.language} {scheme}",
                             "; ".join(f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found))
            page.screenshot(path=self.shots / f"{name}-{self.language}-{scheme}.png", full_page=True)
        page.emulate_media(color_scheme="light")
        wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        self.checks.that(not wide, f"nothing runs out of the page, {name} {self.language}")
        self.checks.that(not self.complaints, f"the browser complains of nothing, {name} {self.language}", "; ".join(self.complaints[:3]))
        self.complaints = []

    def narrow(self, name):
        self.page.set_viewport_size({"width": 390, "height": 800})
        wide = self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        self.checks.that(not wide, f"nothing runs out of a telephone's page, {name} {self.language}")
        self.page.screenshot(path=self.shots / f"{name}-{self.language}-narrow.png", full_page=True)
        self.page.set_viewport_size({"width": 1280, "height": 860})

    def press(self, words):
        self.page.get_by_role("button", name=words).first.click()


def user(walk, demo, mailbox):
    page, checks, say = walk.page, walk.checks, walk.say
    walk.go("/")
    walk.look("start")
    page.get_by_role("link", name=say("Sign up", "注册")).first.click()
    walk.look("sign-up")
    # Refused: the password is the mailbox's name; everything else that was typed stays.
    page.fill("[name=name]", NAME[walk.language])
    page.fill("[name=email]", mailbox)
    page.fill("[name=password]", "1234567890")
    for tick in page.locator("[name=accept]").all():
        tick.check()
    walk.press(say("Sign up", "注册"))
    expect(page.locator(".fault")).to_be_visible()
    checks.that(page.input_value("[name=name]") == NAME[walk.language], f"a refusal keeps what was typed, {walk.language}")
    checks.that(all(tick.is_checked() for tick in page.locator("[name=accept]").all()), f"a refusal keeps what was ticked, {walk.language}")
    checks.that(page.locator("[name=password]").get_attribute("aria-invalid") == "true", f"the refusal stands at its field, {walk.language}")
    walk.look("sign-up-refused", refused=True)
    page.fill("[name=password]", PASSWORD)
    walk.press(say("Sign up", "注册"))
    page.wait_for_url("**/sign-up/sent")
    walk.look("sign-up-sent")

    page.goto(walk.hub.mailed_link(mailbox, "/confirm"))
    checks.that(page.input_value("[name=token]").startswith("vmt_"), f"the mail's link fills the token in, {walk.language}")
    checks.that("vmt_" not in page.url, f"the token does not stay in the address, {walk.language}", page.url[:40])
    walk.look("confirm")
    walk.press(say("Confirm", "确认"))
    page.wait_for_url("**/sign-in*")
    walk.look("sign-in")
    page.fill("[name=email]", mailbox)
    page.fill("[name=password]", "not this one at all")
    walk.press(say("Sign in", "登录"))
    expect(page.locator(".fault")).to_be_visible()
    checks.that(page.input_value("[name=email]") == mailbox, f"a wrong password keeps the mailbox, {walk.language}")
    walk.look("sign-in-refused", refused=True)
    page.fill("[name=password]", PASSWORD)
    walk.press(say("Sign in", "登录"))
    page.wait_for_url("**/account")
    checks.that(page.locator("h1").inner_text() == NAME[walk.language], f"what was typed is shown letter by letter, {walk.language}")
    walk.look("overview-new")

    page.get_by_role("link", name=say("Agreements", "协议"), exact=True).first.click()
    walk.look("agreements")
    page.get_by_role("row").filter(has_text="general").get_by_role("link").click()
    walk.look("agreement")

    walk.go("/account/applications")
    walk.look("applications-none")
    page.locator("form[action='/account/applications'] [name=name]").fill("door")
    walk.press(say("Make the application", "创建应用"))
    expect(page.locator(".notice.good")).to_be_visible()
    page.locator("[name=api]").select_option("face.detect trial")
    page.locator("form[action$='/apply'] button").click()
    expect(page.locator(".badge").first).to_be_visible()
    walk.look("applications")
    page.locator("form[action='/account/keys'] [name=name]").fill("back office")
    page.locator("form[action='/account/keys'] button").click()
    key = page.input_value("#secret")
    checks.that(key.startswith("vlt_"), f"the key is shown, {walk.language}")
    page.get_by_role("button", name=say("Copy", "复制")).click()
    expect(page.get_by_role("button", name=say("Copied", "已复制"))).to_be_visible()
    walk.look("key")
    walk.go("/account/applications")
    checks.that(key not in page.content(), f"the key is shown once, {walk.language}")
    walk.look("keys")

    walk.go("/account/try")
    walk.look("try")
    page.set_input_files("[name=image]", demo / "obama.jpg")
    walk.press(say("Call", "调用"))
    box = page.locator("rect.box")
    expect(box).to_have_count(1)
    at = box.bounding_box()
    picture = page.locator("figure.seen svg").bounding_box()
    checks.that(0.1 < at["width"] / picture["width"] < 0.95 and picture["x"] <= at["x"] and at["x"] + at["width"] <= picture["x"] + picture["width"],
                f"the box lies on the picture, {walk.language}", f"{at} in {picture}")
    walk.look("try-answer")
    page.set_input_files("[name=image]", {"name": "no.jpg", "mimeType": "image/jpeg", "buffer": b"this is no picture"})
    walk.press(say("Call", "调用"))
    expect(page.locator(".fault")).to_be_visible()
    walk.look("try-refused", refused=True)

    page.get_by_role("link", name=say("Usage", "用量"), exact=True).click()
    expect(page.locator(".chart rect[class^=s]").first).to_be_visible()
    checks.that(page.locator(".chart > svg rect").count() == 1, f"the chart shows the call, {walk.language}")
    page.locator(".chart summary").click()
    checks.that(page.locator(".chart table tbody td").first.inner_text() == "1", f"the chart's table says 1 unit, {walk.language}")
    walk.look("usage")
    walk.narrow("usage")

    for path, name in (("/account/people", "people-none"), ("/account/bills", "bills-none"), ("/account/packs", "packs-none"), ("/account/notices", "notices"),
                       ("/account/feedback", "feedback-none"), ("/account/profile", "profile"), ("/account/standing", "standing"),
                       ("/account/security", "security"), ("/account/leaving", "leaving")):
        walk.go(path)
        walk.look(name)
    people(walk, demo)
    webhooks(walk)
    device_alerts(walk)
    walk.go("/account/feedback")
    page.select_option("[name=kind]", "opinion")
    page.fill("[name=subject]", say("More colours", "更多颜色"))
    page.fill("[name=body]", say("Could the boxes be blue?", "框可以是蓝色的吗？"))
    walk.press(say("Send", "发送"))
    expect(page.locator(".notice.good")).to_be_visible()
    walk.look("feedback-thread")
    walk.go("/account/security")
    page.locator("form[action$='/second-factor'] [name=password]").fill(PASSWORD)
    walk.press(say("Set it up", "设置"))
    walk.look("second-factor")
    secret = page.input_value("#secret")
    page.fill("[name=code]", one_time_code(secret))
    walk.press(say("Switch it on", "启用"))
    expect(page.locator("pre")).to_be_visible()
    walk.look("recovery-codes")
    walk.go("/account/security")
    page.locator("form[action$='/remove'] [name=password]").fill(PASSWORD)
    walk.press(say("Switch it off", "关闭"))
    expect(page.locator(".notice.good")).to_be_visible()

    page.get_by_role("link", name=say("Overview", "概览")).click()
    checks.that(page.locator(".checklist li:not(.done)").count() <= 1, f"the guide is done but for what was declined, {walk.language}",
                page.locator(".checklist").inner_text())
    walk.look("overview")
    walk.narrow("overview")
    walk.go("/account/applications")
    walk.press(say("Freeze", "冻结"))
    expect(page.locator(".notice.good")).to_be_visible()
    checks.that(subprocess.run(
        ["curl", "-sk", "-o", "/dev/null", "-w", "%{http_code}", "-H", f"Authorization: Bearer {key}", walk.hub.url + "/v1/access"],
        capture_output=True, text=True).stdout == "403", f"a frozen key passes no more, {walk.language}")
    walk.press(say("Sign out", "退出登录"))
    page.wait_for_url("**/sign-in*")
    walk.go("/account/usage")
    checks.that(page.url.endswith("/sign-in?to=/account/usage"), f"who is signed out is asked to sign in, {walk.language}", page.url)
    walk.complaints = []


def people(walk, demo):
    """A gallery, a person with their consent, a template of a picture, a search that finds them."""
    page, say = walk.page, walk.say
    for api in ("face.search", "face.enrol"):
        walk.go("/account/applications")
        page.locator("[name=api]").first.select_option(api + " trial")
        for tick in page.locator("form[action$='/apply'] [name=accept]").all():
            tick.check()
        page.locator("form[action$='/apply'] button").first.click()
        expect(page.locator(".notice.good")).to_be_visible()
    walk.go("/account/people")
    page.fill("[name=name]", "staff")
    walk.press(say("Make the gallery", "创建人脸库"))
    page.wait_for_url("**/galleries/*")
    for name, words in (("label", "Barack"), ("reference", "file 44"), ("purpose", say("the door", "门禁"))):
        page.fill(f"[name={name}]", words)
    walk.press(say("Add the person", "添加人员"))
    expect(page.locator(".notice.good")).to_be_visible()
    page.set_input_files("[name=image]", demo / "obama2.jpg")
    walk.press(say("Enrol", "注册"))
    expect(page.locator(".notice.good")).to_be_visible()
    walk.look("people")
    walk.narrow("people")
    walk.go("/account/try")
    page.locator("[name=call] option", has_text="staff").wait_for(state="attached")
    page.select_option("[name=call]", label=page.locator("[name=call] option", has_text="staff").inner_text())
    page.set_input_files("[name=image]", demo / "obama.jpg")
    walk.press(say("Call", "调用"))
    expect(page.locator("rect.box.match")).to_have_count(1)
    walk.look("try-search")


def webhooks(walk):
    """An endpoint that is not there: added, pinged, its secret changed, switched off, deleted."""
    page, checks, say, language = walk.page, walk.checks, walk.say, walk.language
    walk.go("/account/webhooks")
    walk.look("webhooks-none")
    page.fill("[name=url]", "http://hooks.home.example/vultus")
    page.fill("[name=about]", NAME[language])
    walk.press(say("Add the webhook", "添加 Webhook"))
    expect(page.locator(".fault")).to_be_visible()
    checks.that(page.input_value("[name=about]") == NAME[language], f"a refused webhook keeps what was typed, {language}")
    walk.look("webhooks-refused", refused=True)
    page.fill("[name=url]", "https://hooks.home.example/vultus")
    walk.press(say("Add the webhook", "添加 Webhook"))
    secret = page.input_value("#secret")
    checks.that(secret.startswith("whsec_"), f"a webhook's secret is shown, {language}")
    walk.look("webhook-secret")
    page.get_by_role("link", name=say("The webhook", "查看此 Webhook"), exact=True).click()
    page.wait_for_url("**/webhooks/whk_*")
    checks.that(secret not in page.content() and page.locator("h1").inner_text() == NAME[language], f"it is shown once; a name letter by letter, {language}")
    walk.press(say("Send a ping", "发送测试消息"))
    # Nobody reloads: the hub tells what became of it.
    expect(page.locator("table.records tbody .badge.warm").filter(has_text=say("is tried again", "将重试"))).to_be_visible()
    walk.look("webhook")
    walk.narrow("webhook")
    page.locator("summary").filter(has_text=say("Another secret", "更换密钥")).click()
    walk.press(say("Make a new secret", "生成新密钥"))
    checks.that(page.input_value("#secret") != secret, f"another secret is another, {language}")
    walk.look("webhook-rotated")
    page.get_by_role("link", name=say("The webhook", "查看此 Webhook"), exact=True).click()
    walk.press(say("Switch it off", "停用"))
    expect(page.locator(".notice.plain")).to_be_visible()
    walk.look("webhook-off")
    walk.go("/account/webhooks")
    walk.look("webhooks")
    page.locator("table.records").get_by_role("link").first.click()
    page.locator("summary").filter(has_text=say("Delete it", "删除")).click()
    page.locator("form[action$='/delete'] [name=sure]").check()
    walk.press(say("Delete the webhook", "删除 Webhook"))
    expect(page.locator(".notice.good")).to_be_visible()
    checks.that(page.locator("table.records").count() == 0, f"a deleted webhook is gone, {language}")


def device_alerts(walk):
    """A rule of the account's own: refused, made, removed."""
    page, checks, say, language = walk.page, walk.checks, walk.say, walk.language
    walk.go("/account/device-alerts")
    add = page.locator("form[action='/account/device-alerts/rules'] button")
    page.locator("summary").filter(has_text=say("A new rule", "新规则")).click()
    page.select_option("[name=condition]", "silent")
    page.fill("[name=level]", "1")
    add.click()
    expect(page.locator(".fault").first).to_be_visible()
    walk.look("device-alerts-refused", refused=True)
    page.fill("[name=level]", "30")
    add.click()
    expect(page.locator(".notice.good")).to_be_visible()
    checks.that(say("no contact for 30 min", "30 分钟未联系") in page.content(), f"an alert rule of the account's own stands there, {language}")
    walk.look("device-alerts")
    walk.narrow("device-alerts")
    page.locator("form[action$='/remove'] button").click()
    expect(page.locator(".notice.good")).to_be_visible()


def one_time_code(secret):
    """RFC 6238, as an authenticator shows it."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), "sha1").digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def operator(walk, mailbox):
    """From the invitation to an account's payment, an answer, a price, news and an incident that is over."""
    page, checks, say = walk.page, walk.checks, walk.say
    walk.hub.run("admin", "operator", "invite", mailbox, "--role", "administrator")
    page.goto(walk.hub.mailed_link(mailbox, "/operator/invitation"))
    walk.look("operator-invitation")
    page.fill("[name=password]", PASSWORD)
    walk.press(say("Join", "加入"))
    page.wait_for_url("**/operator/sign-in*")
    walk.look("operator-sign-in")
    page.fill("[name=email]", mailbox)
    page.fill("[name=password]", PASSWORD)
    walk.press(say("Sign in", "登录"))
    page.wait_for_url("**/operator")
    checks.that(page.locator(".chart > svg rect").count() > 0, f"the operator's chart shows use, {walk.language}")
    walk.look("operator")
    walk.narrow("operator")
    for path, name in (("accounts", "operator-accounts"), ("approvals", "operator-approvals"), ("devices", "operator-devices"),
                       ("alerts", "operator-alerts"), ("audit", "operator-audit"), ("security", "operator-security"), ("agreements", "operator-agreements"),
                       ("agreements/general", "operator-agreement"), ("staff", "operator-staff"), ("settings", "operator-settings"),
                       ("updates", "operator-updates")):
        walk.go("/operator/" + path)
        walk.look(name)

    walk.go("/operator/agreements/general")
    text = page.locator("[name=text_en]").input_value()
    page.locator("[name=text_en]").fill(text + f"\n\nWords for {walk.language}.\n")
    walk.press(say("Show what changes", "查看差异"))
    checks.that(page.locator(".difference ins").count() == 1 and page.locator(".difference del").count() == 0, f"a draft shows what changes, {walk.language}",
                page.inner_text("main"))
    walk.look("operator-agreement-draft")
    walk.press(say("Publish it", "发布并通知"))
    expect(page.locator(".notice.good")).to_be_visible()

    walk.go("/operator/feedback")
    walk.look("operator-feedback")
    page.get_by_role("link", name=say("More colours", "更多颜色")).first.click()
    page.fill("[name=body]", say("Soon.", "即将支持。"))
    walk.press(say("Answer", "答复"))
    expect(page.locator(".notice.good").first).to_be_visible()
    walk.look("operator-thread")

    walk.go("/operator/accounts")
    page.get_by_role("link", name=NAME[walk.language]).click()
    page.locator("summary").filter(has_text=say("Book a payment", "充值")).click()
    page.locator("form[action$='/money'] [name=amount]").fill("25")
    page.locator("form[action$='/money'] [name=reason]").fill(say("bank transfer", "银行转账"))
    walk.press(say("Book", "入账"))
    expect(page.locator(".notice.good")).to_be_visible()
    page.locator("summary").filter(has_text=say("Take a measure", "采取措施")).click()
    page.locator("form[action$='/measures'] [name=ground]").fill("unpaid")
    page.locator("form[action$='/measures'] [name=statement]").fill(say("Please pay the open statement.", "请支付未结账单。"))
    walk.press(say("Put it in force", "执行"))
    expect(page.locator(".notice.good")).to_be_visible()
    walk.look("operator-account")

    walk.go("/operator/alerts")
    page.locator("summary").filter(has_text=say("A new rule", "新规则")).click()
    page.locator("form[action$='/rules'] [name=condition]").select_option("lease_below")
    page.locator("form[action$='/rules'] [name=level]").fill("101")
    walk.press(say("Add", "添加"))
    expect(page.locator(".fault")).to_be_visible()
    walk.look("operator-rule-refused", refused=True)
    page.locator("form[action$='/rules'] [name=level]").fill("20" if walk.language == "en" else "15")
    walk.press(say("Add", "添加"))
    expect(page.locator(".notice.good")).to_be_visible()
    checks.that(say("less than 20% of a lease left", "租约余量低于 15%") in page.inner_text("main"), f"a rule that was added stands on the page, {walk.language}")

    walk.go("/operator/catalogue")
    walk.look("operator-catalogue")
    page.locator("form[action$='/prices'] [name=api]").select_option("face.search")
    page.locator("form[action$='/prices'] [name=price]").fill("0.9")
    walk.press(say("Set the price", "设置价格"))
    expect(page.locator(".fault")).to_be_visible()
    checks.that(page.locator("form[action$='/prices'] [name=price]").input_value() == "0.9", f"a dearer price without notice is refused, and kept, {walk.language}")
    walk.look("operator-price-refused", refused=True)

    page.locator("summary").filter(has_text=say("Offer a pack", "上架套餐")).click()
    offer = page.locator("form[action$='/products']")
    for name, value in (("name", PACK[walk.language]), ("units", "1000"), ("days", "0"), ("price", "5")):
        offer.locator(f"[name={name}]").fill(value)
    offer.locator("[name=api]").select_option("face.search")
    walk.press(say("Offer it", "上架"))
    expect(page.locator(".fault")).to_be_visible()
    walk.look("operator-pack-refused", refused=True)
    page.locator("form[action$='/products'] [name=days]").fill("90")
    walk.press(say("Offer it", "上架"))
    expect(page.locator(".notice.good")).to_be_visible()
    walk.look("operator-packs")
    walk.narrow("operator-packs")

    walk.go("/operator/news")
    page.locator("summary").filter(has_text=say("A new announcement", "新公告")).click()
    words = (("title_en", "Upgrade tonight"), ("title_zh", "今晚升级"), ("text_en", "Calls go on."), ("text_zh", "调用不受影响。"))
    for name, text in words:
        page.locator(f"form[action$='/announcements'] [name={name}]").fill(text)
    walk.press(say("Announce", "发布公告"))
    expect(page.locator(".notice.good")).to_be_visible()
    page.locator("summary").filter(has_text=say("A new incident", "新事件")).click()
    for name, text in (("title_en", "Slow searches"), ("title_zh", "检索缓慢"), ("text_en", "We look into it."), ("text_zh", "正在调查。")):
        page.locator(f"form[action$='/incidents'] [name={name}]").fill(text)
    page.locator("form[action$='/incidents'] [name=impact]").select_option("degraded")
    page.locator("form[action$='/incidents'] button").click()
    expect(page.locator(".notice.good")).to_be_visible()
    walk.look("operator-news")
    walk.go("/status")
    checks.that(say("Slow searches", "检索缓慢") in page.inner_text("main"), f"the status page shows the incident, {walk.language}")
    walk.look("status-incident")
    walk.go("/operator/news")
    page.locator("form[action*='/incidents/inc_'] [name=state]").select_option("resolved")
    page.locator("form[action*='/incidents/inc_'] [name=text_en]").fill("Over.")
    page.locator("form[action*='/incidents/inc_'] [name=text_zh]").fill("已恢复。")
    page.locator("form[action*='/incidents/inc_'] button").click()
    expect(page.locator(".notice.good")).to_be_visible()
    for path, name in (("/status", "status"), ("/announcements", "announcements"), ("/agreements", "agreements-public")):
        walk.go(path)
        walk.look(name)


def visit_after(walk, mailbox):
    """The account sees what the operator did."""
    page, checks, say = walk.page, walk.checks, walk.say
    walk.go("/sign-in")
    page.fill("[name=email]", mailbox)
    page.fill("[name=password]", PASSWORD)
    walk.press(say("Sign in", "登录"))
    page.wait_for_url("**/account")
    checks.that(say("Upgrade tonight", "今晚升级") in page.inner_text("main"), f"the announcement stands on the account's overview, {walk.language}")
    for path, name, words in (("/account/bills", "bills", say("bank transfer", "银行转账")), ("/account/standing", "standing-measure", "unpaid"),
                              ("/account/feedback", "feedback", say("answered", "已答复"))):
        walk.go(path)
        checks.that(words in page.inner_text("main"), f"the account sees it, {name} {walk.language}")
        walk.look(name)
    packs(walk)


def packs(walk):
    """A pack is bought out of what the operator booked."""
    page, checks, say, language = walk.page, walk.checks, walk.say, walk.language
    walk.go("/account/packs")
    walk.look("packs-on-sale")
    page.get_by_role("row").filter(has_text=PACK[language]).get_by_role("link").click()
    page.wait_for_url("**/packs/buy*")
    checks.that("25.00 CNY" in page.inner_text("main") and "20.00 CNY" in page.inner_text("main"), f"what a purchase leaves is told first, {language}",
                page.inner_text("main"))
    walk.look("pack-buy")
    walk.press(say("Buy it for", "以 5.00 CNY 购买"))
    expect(page.locator(".notice.good")).to_be_visible()
    bought = page.locator("table.records").last.get_by_role("row").filter(has_text=PACK[language])
    checks.that("1,000" in bought.inner_text(), f"what was bought says what is left of it, {language}", bought.inner_text())
    walk.look("packs")
    walk.narrow("packs")
    walk.go("/account/bills")
    checks.that(PACK[language] in page.inner_text("main"), f"the purchase stands among the entries, {language}")


def without_scripts(browser, hub, checks, mailbox):
    """Signing in, and an application, where no script runs."""
    context = browser.new_context(java_script_enabled=False, ignore_https_errors=True, locale="en")
    page = context.new_page()
    page.goto(hub.url + "/account/applications")
    page.fill("[name=email]", mailbox)
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/account/applications")
    page.get_by_text("A new application").click()
    page.locator("form[action='/account/applications'] [name=name]").fill("no script")
    page.get_by_role("button", name="Make the application").click()
    checks.that("no script" in page.locator("main").inner_text(), "a form works without scripts")
    context.close()


def keyboard(walk, mailbox):
    """Signing in with keys alone: the first stop skips to the content, and every stop is seen."""
    page = walk.page
    walk.go("/sign-in")
    page.keyboard.press("Tab")
    walk.checks.that(page.evaluate("document.activeElement.className") == "skip", "the first stop of the keyboard skips to the content")
    page.focus("[name=email]")
    page.keyboard.type(mailbox)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/account")
    outlined = page.evaluate("(() => { const one = document.querySelector('.side a'); one.focus(); return getComputedStyle(one).outlineStyle })()")
    walk.checks.that(outlined == "auto" or outlined == "solid", "what the keyboard is at is outlined", outlined)


def main():
    parser = argparse.ArgumentParser()
    for name in ("programs", "models", "chromium"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--shots")
    options = parser.parse_args()
    checks = Checks()
    with tempfile.TemporaryDirectory(prefix="vultus-console-") as folder:
        shots = pathlib.Path(options.shots or folder, "shots" if not options.shots else "")
        shots.mkdir(parents=True, exist_ok=True)
        demo = pathlib.Path(options.models, "demo")
        hub = Hub(pathlib.Path(options.programs, "vultus-hub"), folder, options.models)
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=options.chromium, args=["--no-sandbox"])
                for language, mailbox in (("en", "ada@home.example"), ("zh-CN", "lin@home.example")):
                    user(Walk(browser, hub, checks, shots, language), demo, mailbox)
                for language, mailbox in (("en", "grace@provider.example"), ("zh-CN", "wang@provider.example")):
                    operator(Walk(browser, hub, checks, shots, language), mailbox)
                for language, mailbox in (("en", "ada@home.example"), ("zh-CN", "lin@home.example")):
                    visit_after(Walk(browser, hub, checks, shots, language), mailbox)
                without_scripts(browser, hub, checks, "ada@home.example")
                keyboard(Walk(browser, hub, checks, shots, "en"), "ada@home.example")
                browser.close()
        finally:
            hub.stop()
    print(f"{checks.kept} promises kept, {len(checks.broken)} broken")
    raise SystemExit(1 if checks.broken else 0)


if __name__ == "__main__":
    main()
