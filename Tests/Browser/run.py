"""The preview in Chromium, as people see it: `deploy/browser` calls this with playwright's Python."""

import argparse
import pathlib
import socket
import tempfile
import urllib.error
import urllib.parse
import urllib.request

import film
import world as worlds
from checks import Checks
from playwright.sync_api import expect, sync_playwright

# What is waited for comes in seconds on a quiet machine.
PATIENCE = 90_000
expect.set_options(timeout=PATIENCE)


def answer(url, **headers):
    """- Returns: status and body, whatever the status."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30) as got:
            # What is there: a stream has no end.
            return got.status, got.read1(4096).decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def locked(checks, agent):
    for path in ("", "picture", "events"):
        for query in ("", "?token=" + "0" * 64):
            checks.that(answer(agent.url + path + query)[0] == 401, f"/{path}{query[:9]} wants the token")
    checks.that("key_missing" in answer(agent.url + "events")[1], "who is refused learns the code")
    mode = agent.address.stat().st_mode & 0o777
    checks.that(mode == 0o600, "the address with the token is this user's alone", oct(mode))
    zh = answer(agent.url, **{"Accept-Language": "zh-CN,zh;q=0.9"})[1]
    checks.that("预览已锁定" in zh, "who comes without the token is told so in Chinese")


def open_page(browser, agent, checks, **options):
    """A page of a fresh browser, with what it complains of and where it goes."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, **options)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("request", lambda request: page.complaints.append("asked elsewhere: " + request.url)
            if not request.url.startswith((agent.url, "blob:" + agent.url)) else None)
    page.goto(agent.whole)
    return page


def boxes_on_faces(page, checks, when):
    """Looks ten times: the film moves. On a busy machine pictures come without their boxes for a while: three times ten, then."""
    for _ in range(3):
        size, wrong = None, []
        for _ in range(10):
            seen = page.evaluate(film.SEEN, {"width": film.WIDTH, "height": film.HEIGHT})
            size = seen["size"]
            wrong += film.faults(seen)
            page.wait_for_timeout(150)
        # One look may fall between a picture and its boxes.
        if len(wrong) <= 1:
            break
    checks.that(size == [film.WIDTH, film.HEIGHT], f"the picture is the film's, {when}", str(size))
    checks.that(len(wrong) <= 1, f"boxes lie on faces, {when}", "; ".join(sorted(set(wrong))))


def look(browser, agent, checks, shots, language, scheme):
    name = f"{language}-{scheme}"
    page = open_page(browser, agent, checks, locale=language, color_scheme=scheme)
    checks.that(page.url == agent.url, f"the token does not stay in the address, {name}", page.url[:40])
    page.wait_for_selector("#boxes .face.match")
    page.wait_for_selector("#boxes .face.unknown")
    expect(page.locator("#rate")).not_to_have_text("–")
    boxes_on_faces(page, checks, name)
    people = page.locator("#people").inner_text()
    checks.that(worlds.LABEL in people, f"who is known is named, letter by letter, {name}", people)
    checks.that(("陌生人" if language.startswith("zh") else "Unknown") in people, f"who is not known is called unknown, {name}", people)
    checks.that(("比对分数 0." if language.startswith("zh") else "score 0.") in people, f"the comparison score is shown, {name}", people)
    checks.that(page.locator("html").get_attribute("lang") == ("zh-CN" if language.startswith("zh") else "en"), f"the page says its language, {name}")
    for part in ("rate", "looked", "answer", "decision", "stages", "camera", "sync"):
        checks.that(page.locator("#" + part).inner_text().strip() not in ("", "–"), f"#{part} says something, {name}")
    checks.that(page.locator("#decisions li").count() >= 2, f"decisions are listed, {name}")
    paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    checks.that((paper == "rgb(255, 255, 255)") == (scheme == "light"), f"light and dark, {name}", paper)
    page.screenshot(path=shots / f"preview-{name}.png", full_page=True)
    checks.that(not page.complaints, f"the browser complains of nothing, {name}", "; ".join(page.complaints[:3]))
    return page


def keyboard(page, checks):
    page.keyboard.press("b")
    expect(page.locator("#boxes .face")).to_have_count(0)
    page.keyboard.press("b")
    page.wait_for_selector("#boxes .face")
    page.keyboard.press("Space")
    expect(page.locator("#pause")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#notice")).to_be_visible()
    checks.that(page.evaluate("document.getElementById('picture').naturalWidth") > 0, "a page in pause keeps its picture")
    page.keyboard.press("Space")
    expect(page.locator("#notice")).to_be_hidden()
    named = page.evaluate("[...document.querySelectorAll('button, select, a, img')].every((one) => (one.innerText || one.alt || one.labels?.[0]?.innerText || '').trim())")
    checks.that(named, "everything that can be used has a name")
    checks.that(page.evaluate("[...document.querySelectorAll('main, header, h1, [aria-live]')].length") >= 4, "there are landmarks, and a place that is read out")


def narrow(browser, agent, checks, shots):
    page = open_page(browser, agent, checks, locale="en", color_scheme="light")
    page.set_viewport_size({"width": 390, "height": 800})
    page.wait_for_selector("#boxes .face.match")
    page.wait_for_selector("#boxes .face.unknown")
    wide = page.evaluate("document.documentElement.scrollWidth")
    checks.that(wide <= 390, "the page fits a telephone", f"{wide} pixels wide")
    boxes_on_faces(page, checks, "on a telephone")
    page.screenshot(path=shots / "preview-narrow.png", full_page=True)
    page.context.close()


def crowd(browser, agent, checks):
    """Viewers that do not read hold nobody up, and there are only so many."""
    place = urllib.parse.urlsplit(agent.whole)
    stuck = []
    for _ in range(8):
        one = socket.create_connection((place.hostname, place.port))
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.sendall(f"GET /picture?{place.query} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        stuck.append(one)
    page = open_page(browser, agent, checks, locale="en")
    page.wait_for_selector("#boxes .face.match")
    page.wait_for_selector("#boxes .face.unknown")
    boxes_on_faces(page, checks, "beside eight viewers that do not read")
    more = []
    for _ in range(12):
        one = socket.create_connection((place.hostname, place.port))
        one.sendall(f"GET /events?{place.query} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        more.append(one.recv(12).decode())
        stuck.append(one)
    checks.that("HTTP/1.1 503" in more, "more than may look are refused", str(more))
    page.context.close()
    return stuck


def pictures(browser, world, checks, shots, frames):
    """A folder: what was looked at stays on the page, also for who comes later."""
    folder = world.folder / "inbox"
    folder.mkdir()
    (folder / "one.jpg").write_bytes(frames[0])
    agent = worlds.Agent(world, str(folder))
    try:
        page = open_page(browser, agent, checks, locale="en", color_scheme="dark")
        page.wait_for_selector("#boxes .face.match")
        boxes_on_faces(page, checks, "of a folder")
        page.context.close()
        page = open_page(browser, agent, checks, locale="en", color_scheme="dark")
        page.wait_for_selector("#boxes .face.match")
        boxes_on_faces(page, checks, "of a folder, for who comes later")
        page.context.close()
    finally:
        agent.stop()


def nothing_there(browser, world, checks, shots):
    agent = worlds.Agent(world, "--camera", "/dev/video99")
    try:
        page = open_page(browser, agent, checks, locale="zh-CN", color_scheme="dark")
        expect(page.locator("#notice .what")).to_have_text("摄像头没有画面")
        expect(page.locator("#camera")).to_contain_text("没有摄像头")
        page.screenshot(path=shots / "preview-no-camera.png", full_page=True)
        checks.that(True, "a camera that is not there is named")
        page.context.close()
    finally:
        agent.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", required=True)
    parser.add_argument("--models", required=True)
    parser.add_argument("--chromium", required=True)
    parser.add_argument("--shots", help="a folder that keeps the screenshots")
    arguments = parser.parse_args()
    checks = Checks()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        shots = pathlib.Path(arguments.shots or folder)
        shots.mkdir(parents=True, exist_ok=True)
        world = worlds.World(arguments.programs, folder, arguments.models)
        # The sandbox wants rights that containers lack; every page here is our own.
        browser = play.chromium.launch(executable_path=arguments.chromium, args=["--no-sandbox"])
        try:
            frames = film.make(browser.new_page(), world.demo)
            agent = worlds.Agent(world, "-", film=frames, rate=film.RATE)
            try:
                locked(checks, agent)
                page = None
                for language in ("en-GB", "zh-CN"):
                    for scheme in ("light", "dark"):
                        if page:
                            page.context.close()
                        page = look(browser, agent, checks, shots, language, scheme)
                keyboard(page, checks)
                narrow(browser, agent, checks, shots)
                stuck = crowd(browser, agent, checks)
                # With viewers that do not read: they hold up the end as little as recognition.
                checks.that(agent.stop() == 0, "the agent ends, whoever looks on")
                expect(page.locator("#notice .what")).to_have_text("程序没有响应")
                page.screenshot(path=shots / "preview-gone.png", full_page=True)
                for one in stuck:
                    one.close()
                decided = [line["passage"]["kind"] for line in agent.lines if "passage" in line]
                checks.that(decided.count("decided") == 2, "two people were decided on, once each, whoever looked", str(decided))
                checks.that(not agent.address.exists(), "the address is gone with the agent")
                page.context.close()
            finally:
                agent.process.kill()
            pictures(browser, world, checks, shots, frames)
            nothing_there(browser, world, checks, shots)
        finally:
            browser.close()
            world.stop()
    if checks.broken:
        raise SystemExit(f"{len(checks.broken)} promises broken, {checks.kept} kept")
    print(f"{checks.kept} promises kept")


main()
