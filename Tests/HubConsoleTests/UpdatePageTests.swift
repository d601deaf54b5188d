import HubAPI
import HubDomain
import RecognitionAPI
import TestKit
import Testing
import WireModel

@testable import HubConsole

@Suite("Releases and roll-outs in the operator's console")
struct UpdatePageTests {
    private let served: ServedHub
    private let clock: ManualClock

    init() async throws {
        clock = ManualClock.startingNow()
        served = try await ServedHub(clock: clock)
    }

    private var hub: Hub { served.hub }
    private static let list: String = "/operator/updates"

    private func staff(_ role: OperatorRole = .administrator) async throws -> ConsoleVisitor { ConsoleVisitor(client: try await served.staff(role)) }

    private func publish(_ version: String, _ kind: ReleaseKind = .agent) async throws -> Release {
        let workshop = try ReleaseWorkshop()
        try workshop.make(kind, version).write(to: workshop.folder + "/release")
        return try await hub.publishRelease(workshop.folder + "/release", trusting: [workshop.key], by: .test)
    }

    private func place(_ answer: APIAnswer) -> String { String((answer[header: "location"] ?? "").prefix { $0 != "?" }) }

    private func order(_ changes: [String: String] = [:]) -> [(String, String)] {
        ["ring1": "", "share1": "100", "wait1": "", "account": "", "limit": "2", "tries": "20", "atOnce": ""].merging(changes) { $1 }.map { ($0.key, $0.value) }
    }

    @Test("what a roll-out will come to is shown first, with whom each stage includes; nothing begins before it is sent once more, and then as it was shown")
    func beginning() async throws {
        let account: Account = try await hub.openTestAccount("Acme")
        _ = try await hub.makeDeviceGroup("entrance", account: account.id.rawValue, by: .test)
        let release: Release = try await publish("1.2.0")
        var devices: [TellingDevice] = []
        for number in 0..<6 { devices.append(try await TellingDevice("Door \(number)", of: account, group: number < 4 ? "entrance" : nil, at: hub)) }
        // One runs it already, one never told what it runs.
        for (number, device) in devices.enumerated() where number != 3 { try await device.tell(runs: number == 1 ? "1.2.0" : "1.0.0") }
        _ = try await hub.labelDevice(devices[0].id, name: nil, labels: ["ring": "canary"], by: .test)
        let visitor: ConsoleVisitor = try await staff()
        let page: String = "\(Self.list)/releases/\(release.id)"
        #expect(try await visitor.get(page).text.contains(#"<option value="label:ring=canary">"#))
        let group: DeviceGroup = try await hub.deviceGroups()[0]
        let form: [(String, String)] = order([
            "ring1": "label:ring=canary", "wait1": "24", "ring2": "group:\(group.id)", "share2": "100", "share3": "100", "account": account.id.rawValue,
            "limit": "2.5", "tries": "3", "atOnce": "4",
        ])
        let shown: APIAnswer = try await visitor.submit("\(page)/rollouts", on: page, form)
        #expect(shown.status == 200, "\(shown.text)")
        let cells: [[String]] = PageText.matches(of: #"data-label="Included by then">(\d+)(?:<small>([^<]*)</small>)?"#, in: shown.text)
        #expect(cells.map { $0[0] } == ["1", "3", "5"])
        #expect(cells[1][1] == "1 run it already, 1 more cannot take it")
        #expect(shown.text.contains("more than 2.5% of at least 3 that tried it failed") && shown.text.contains("by itself after 1 day"))
        #expect(try await hub.rollouts().isEmpty)

        // As the page's own form holds it.
        let hidden: [(String, String)] = PageText.matches(of: #"<input type="hidden" name="([a-zA-Z0-9]+)" value="([^"]*)">"#, in: shown.text).filter {
            $0[0] != "csrf"
        }.map { ($0[0], PageText.plain($0[1])) }
        let begun: APIAnswer = try await visitor.submit("\(page)/rollouts", on: page, hidden)
        let rollout: Rollout = try #require(try await hub.rollouts().first)
        #expect(begun.status == 303 && place(begun) == "\(Self.list)/\(rollout.id)")
        #expect(rollout.stages.map(\.label) == ["ring=canary", nil, nil] && rollout.stages.map(\.group) == [nil, group.id, nil])
        #expect(rollout.stages.map(\.waitMilliseconds) == [86_400_000, nil, nil] && rollout.account == account.id)
        #expect(rollout.failurePermille == 25 && rollout.minimumTries == 3 && rollout.atOnce == 4)
        #expect(try await hub.auditEntries().contains { $0.action == "rollout.start" && $0.actorKind == "operator" && $0.subject == rollout.id.rawValue })
    }

    @Test(
        "what cannot be a roll-out is refused at its field, with what was chosen",
        arguments: [
            ["share1": "0"], ["share1": "101"], ["share1": ""], ["wait1": "soon"], ["ring1": "somewhere"], ["ring1": "label:=x"], ["limit": "200"],
            ["tries": "0"], ["atOnce": "-1"], ["account": "nobody"],
        ])
    func refusals(_ change: [String: String]) async throws {
        let release: Release = try await publish("1.2.0")
        let visitor: ConsoleVisitor = try await staff()
        let page: String = "\(Self.list)/releases/\(release.id)"
        let refused: APIAnswer = try await visitor.submit("\(page)/rollouts", on: page, order(change) + [("sure", "yes")])
        #expect([400, 404, 422].contains(refused.status), "\(refused.status)")
        #expect(PageText.matches(of: #"name="([a-zA-Z0-9]+)"[^>]*aria-invalid="true""#, in: refused.text).map { $0[0] } == Array(change.keys))
        #expect(try await hub.rollouts().isEmpty)
    }

    @Test("a roll-out's page tells how far its devices are, why some failed, and lists them by state, a page at a time, each once")
    func progress() async throws {
        let account: Account = try await hub.openTestAccount("Acme")
        let release: Release = try await publish("1.2.0")
        var order = RolloutOrder(stages: [RolloutStage(percent: 100)])
        order.failurePermille = 1_000
        let rollout: Rollout = try await hub.startRollout(of: release.id.rawValue, order, by: .test)
        var devices: [TellingDevice] = []
        for number in 0..<58 {
            clock.advance(by: .milliseconds(1))
            devices.append(try await TellingDevice(number == 0 ? "Door <0>" : "Door \(number)", of: account, at: hub))
        }
        for (number, device) in devices.enumerated() {
            #expect(try await device.tell().map(\.rollout) == [rollout.id])
            switch number {
            case 0: try await device.tell(.rolledBack, of: rollout.id, because: "it ended with <exit> code 1")
            case 1: try await device.tell(.rolledBack, of: rollout.id, because: "it ended with <exit> code 1")
            case 2: try await device.tell(.refused, of: rollout.id, because: "release_untrusted")
            case 3: try await device.tell(.downloading, of: rollout.id)
            default: try await device.tell(.confirmed, of: rollout.id, runs: "1.2.0")
            }
        }
        let visitor: ConsoleVisitor = try await staff(.auditor)
        let page: String = "\(Self.list)/\(rollout.id)"
        let text: String = try await visitor.get(page).text
        #expect(text.contains("works: 54") && text.contains("rolled back: 2") && text.contains("refused it: 1") && text.contains("receives it: 1"))
        #expect(text.contains("it ended with &lt;exit&gt; code 1") && !text.contains("<exit>"))
        // A code is told in its reader's language.
        let chinese: String = try await visitor.get("\(page)?language=zh").text
        #expect(chinese.contains(ProblemMeaning(.releaseUntrusted, .zh).title) && chinese.contains("已回退: 2"))
        func shown(_ query: String) async throws -> [String] {
            PageText.matches(of: #"href="/operator/devices/(dev_[0-9a-f]{32})""#, in: try await visitor.get(page + query).text).map { $0[0] }
        }
        #expect(try await shown("?state=rolled_back") == [devices[1].id.rawValue, devices[0].id.rawValue])
        let next: String = try #require(PageText.matches(of: ##"href="[^"]*(\?after=[^"#]*)#devices""##, in: text).first?[0])
        let pages: [String] = try await shown("") + shown(PageText.plain(next))
        #expect(pages.count == 58 && Set(pages).count == 58)
        #expect(try await shown("").count == 50)
        let list: String = try await visitor.get(Self.list).text
        #expect(list.contains("58 told, works on 54, 3 failed") && list.contains(release.signer))
        for path in ["/operator/devices/\(devices[0].id)", page] {
            let html = PageText(html: try await visitor.get(path).text)
            #expect(html.unbalanced.isEmpty && html.html.contains("rolled back"), "\(path)")
        }
    }

    @Test("models are asked to look on first; what is wanted is shown before it begins, and what devices compared while they do")
    func shadow() async throws {
        let account: Account = try await hub.openTestAccount("Acme")
        let (release, program): (Release, Release) = (try await publish("2.0.0", .models), try await publish("1.2.0"))
        let devices: [TellingDevice] = [try await TellingDevice("Door", of: account, at: hub), try await TellingDevice("Gate", of: account, at: hub)]
        for device in devices { try await device.tell(nil, .models) }
        let visitor: ConsoleVisitor = try await staff()
        let page: String = "\(Self.list)/releases/\(release.id)"
        #expect(try await !visitor.get("\(Self.list)/releases/\(program.id)").text.contains("name=\"faces\""))
        for change in [["faces": "0"], ["faces": "few"], ["faces": "5", "otherwise": "101"], ["faces": "5", "otherwise": "2", "hours": "9000"]] {
            let refused: APIAnswer = try await visitor.submit("\(page)/rollouts", on: page, order(change))
            #expect(refused.status == 400 && refused.text.contains("aria-invalid"), "\(change)")
        }
        let plain: APIAnswer = try await visitor.submit("\(page)/rollouts", on: page, order())
        #expect(plain.text.contains("nothing: it decides at once"))
        let wanted: [(String, String)] = order(["faces": "500", "otherwise": "1.5", "hours": "72"])
        let shown: APIAnswer = try await visitor.submit("\(page)/rollouts", on: page, wanted)
        #expect(shown.text.contains("it looks on at 500 faces in 3 days, of which at most 1.5% may be decided on otherwise"), "\(shown.text)")
        let hidden: [(String, String)] = PageText.matches(of: #"<input type="hidden" name="([a-zA-Z0-9]+)" value="([^"]*)">"#, in: shown.text).filter {
            $0[0] != "csrf"
        }.map { ($0[0], PageText.plain($0[1])) }
        #expect(try await visitor.submit("\(page)/rollouts", on: page, hidden).status == 303)
        let rollout: Rollout = try #require(try await hub.rollouts().first)
        #expect(rollout.shadow == ShadowPolicy(faces: 500, disagreementPermille: 15, milliseconds: 72 * 3_600_000))

        for device in devices { #expect(try await device.tell(nil, .models).map(\.rollout) == [rollout.id]) }
        try await devices[0].tell(.staged, .models, of: rollout.id, shadow: ShadowProgress(compared: 312, faces: 500, disagreements: 3))
        try await devices[1].tell(.staged, .models, of: rollout.id, shadow: ShadowProgress(compared: 100, faces: 500, disagreements: 0))
        let text: String = try await visitor.get("\(Self.list)/\(rollout.id)").text
        #expect(text.contains("looked on at 312 of 500 faces, 3 decided on otherwise") && text.contains("looked on at 100 of 500 faces"))
        #expect(text.contains("3 decided on otherwise, on 2 devices") && text.contains("runs it in shadow: 2"))
        let chinese: String = try await visitor.get("\(Self.list)/\(rollout.id)?language=zh").text
        #expect(chinese.contains("已比对 312 / 500 张人脸，不一致 3") && chinese.contains("影子比对 500 张人脸，判定不一致不超过 1.5%"))
    }

    @Test("a roll-out is paused, taken up, advanced, sent back and cancelled from its page, each as its role allows and with what it asks for; all are audited")
    func acts() async throws {
        let account: Account = try await hub.openTestAccount("Acme")
        let device = try await TellingDevice("Door", of: account, at: hub)
        let release: Release = try await publish("1.2.0")
        let rollout: Rollout = try await hub.startRollout(
            of: release.id.rawValue, RolloutOrder(stages: [RolloutStage(label: "ring=canary", percent: 100), RolloutStage(percent: 100)]), by: .test)
        try await device.tell()
        let (visitor, support): (ConsoleVisitor, ConsoleVisitor) = (try await staff(), try await staff(.support))
        let page: String = "\(Self.list)/\(rollout.id)"
        func submit(_ act: String, _ fields: [(String, String)] = []) async throws -> Int {
            try await visitor.submit("\(page)/\(act)", on: page, fields).status
        }
        func state() async throws -> Rollout.State { try await hub.rollout(rollout.id).state }
        #expect(try await submit("advance") == 400)
        #expect(try await visitor.get(page).text.contains("Devices included then: 1, 1 more than now"))
        #expect(try await submit("advance", [("sure", "yes")]) == 303)
        #expect(try await hub.rollout(rollout.id).stage == 1)
        // Support pauses; what goes on is an administrator's.
        #expect(try await support.submit("\(page)/pause", on: page, []).status == 303)
        #expect(try await state() == .paused)
        #expect(try await !support.get(page).text.contains("\(page)/resume"))
        #expect(try await submit("pause", []) != 303)
        #expect(try await submit("resume") == 303)
        #expect(try await submit("return", [("confirm", "1.2.1")]) == 400)
        #expect(try await submit("return", [("confirm", " 1.2.0 ")]) == 303)
        #expect(try await state() == .returning)
        #expect(try await submit("cancel", [("confirm", "")]) == 400)
        #expect(try await submit("cancel", [("confirm", "1.2.0")]) == 303)
        #expect(try await state() == .cancelled)
        let withdrawal: String = "\(Self.list)/releases/\(release.id)"
        #expect(try await visitor.submit("\(withdrawal)/withdraw", on: withdrawal, [("confirm", "1.2")]).status == 400)
        #expect(try await visitor.submit("\(withdrawal)/withdraw", on: withdrawal, [("confirm", "1.2.0")]).status == 303)
        #expect(try await hub.release(release.id.rawValue).withdrawn != nil)
        let after: String = try await visitor.get(withdrawal).text
        #expect(!after.contains("\(withdrawal)/rollouts") && after.contains("its files are gone from the hub"))
        let acts: [String] = try await hub.auditEntries().filter { $0.actorKind == "operator" }.map(\.action)
        for act in ["rollout.advance", "rollout.pause", "rollout.resume", "rollout.return", "rollout.cancel", "release.withdraw"] {
            #expect(acts.filter { $0 == act }.count == 1, "\(act)")
        }
    }

    @Test("an update that failed stands among the operator's alerts and on the device's own page of its account, in both languages")
    func alert() async throws {
        let account: Account = try await hub.openTestAccount("Acme", email: "owner@acme.example")
        let device = try await TellingDevice("Door", of: account, at: hub)
        let visitor: ConsoleVisitor = try await staff()
        #expect(
            try await visitor.submit(
                "/operator/alerts/rules", on: "/operator/alerts",
                [
                    ("condition", "update_failed"), ("level", "1"), ("minutes", "0"), ("severity", "warning"), ("scope", "all"), ("recipients", "owner"),
                    ("repeat", "24"), ("quiet", ""),
                ]
            ).status == 303)
        let release: Release = try await publish("1.2.0")
        let rollout: Rollout = try await hub.startRollout(of: release.id.rawValue, RolloutOrder(stages: [RolloutStage(percent: 100)]), by: .test)
        try await device.tell()
        try await device.tell(.rolledBack, of: rollout.id, because: "it ended with exit code 1")
        try await hub.watchDevices()
        let member = ConsoleVisitor(client: try await served.member("owner@acme.example"))
        for (language, words) in [("en", "Update failed"), ("zh", "软件更新失败")] {
            // The form of a new rule names the condition as well.
            let listed: String = try await visitor.get("/operator/alerts?language=\(language)").text
            #expect(!PageText.matches(of: #"href="/operator/devices/\#(device.id)/health"(.{0,300}?)\#(words)"#, in: listed).isEmpty)
            #expect(try await member.get("/account/devices/\(device.id)/health?language=\(language)").text.contains(words))
        }
        #expect(try await member.get("/account/devices/\(device.id)").text.contains("it ended with exit code 1"))
    }

    @Test("parts of a bar are as wide as they are many, and what is few is seen all the same")
    func bar() {
        let bar = ShareBar(
            [
                .init(name: "good", count: 9_997, tone: .good), .init(name: "none", count: 0, tone: .plain), .init(name: "bad", count: 3, tone: .bad),
            ], hasKey: true, nothing: "nothing")
        let widths: [Double] = bar.segments.compactMap { Double($0.segmentWidth) }
        #expect(bar.barSummary == "good: 9,997, bad: 3" && widths.count == 2)
        #expect(widths[1] >= 6 && widths[0] > 980 && abs(widths[0] + widths[1] - 1_000) < 0.2)
        #expect(ShareBar([], hasKey: false, nothing: "nothing").barSummary == "nothing")
        let half = ShareBar([.init(name: "left", count: 50, tone: .ahead)], whole: 100, hasKey: false, nothing: "")
        #expect(half.segments.compactMap { Double($0.segmentWidth) }.allSatisfy { (490...510).contains($0) })
    }
}
