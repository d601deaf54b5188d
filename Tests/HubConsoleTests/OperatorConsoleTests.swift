import HubAPI
import HubAccess
import HubDomain
import RecognitionAPI
import TestKit
import Testing
import WireModel

@testable import HubConsole

@Suite("Operator console")
struct OperatorConsoleTests {
    private let served: ServedHub
    private let clock: ManualClock

    init() async throws {
        clock = ManualClock.startingNow()
        served = try await ServedHub(clock: clock)
    }

    private var hub: Hub { served.hub }

    private func staff(_ role: OperatorRole) async throws -> ConsoleVisitor {
        let email: String = "\(role.rawValue)@provider.example"
        _ = try await hub.inviteOperator(try EmailAddress(email), role: role, language: .en, by: .test)
        let visitor = ConsoleVisitor(client: try served.visitor(.operator))
        let joined: APIAnswer = try await visitor.submit(
            "/operator/invitation", on: "/operator/invitation", [("token", try await hub.mailedToken(email)), ("password", Hub.testPassword)])
        #expect(joined.status == 303, "\(joined.text.prefix(300))")
        let answer: APIAnswer = try await visitor.submit("/operator/sign-in", on: "/operator/sign-in", [("email", email), ("password", Hub.testPassword)])
        #expect(answer[header: "location"] == "/operator", "\(answer.text.prefix(300))")
        return visitor
    }

    private func owner() async throws -> (account: Account, visitor: ConsoleVisitor) {
        let account: Account = try await hub.openTestAccount("Acme", email: "owner@acme.example")
        let visitor = ConsoleVisitor(client: try served.visitor())
        _ = try await visitor.submit("/sign-in", on: "/sign-in", [("email", "owner@acme.example"), ("password", Hub.testPassword)])
        return (account, visitor)
    }

    @Test("every page is whole in both languages, and offers an auditor no form but their own sign-in's")
    func whole() async throws {
        let account: Account = try await owner().account
        let (administrator, auditor): (ConsoleVisitor, ConsoleVisitor) = (try await staff(.administrator), try await staff(.auditor))
        let group: DeviceGroup = try await hub.makeDeviceGroup("entrance", account: account.id.rawValue, by: .test)
        let device: DeviceID = try await hub.quietDevice("door", account: account, group: group.id.rawValue)
        _ = try await hub.wait(try DeviceKeys().waiting(), address: "192.0.2.9")
        let waiting: WaitingDevice = try #require(try await hub.waitingDevices().first)
        let workshop = try ReleaseWorkshop()
        try workshop.make(.agent, "1.2.0").write(to: workshop.folder + "/release")
        let release: Release = try await hub.publishRelease(workshop.folder + "/release", trusting: [workshop.key], by: .test)
        let rollout: Rollout = try await hub.startRollout(of: "1.2.0", RolloutOrder(stages: [RolloutStage(percent: 100)]), by: .test)
        let filters: Set<String> = ["/operator/devices", "/operator/updates/\(rollout.id)"]
        let pages: [String] = [
            "/operator/updates", "/operator/updates/releases/\(release.id)", "/operator/updates/\(rollout.id)", "/operator/devices/\(device)",
            "/operator/groups", "/operator/groups/\(group.id)", "/operator/waiting", "/operator/waiting/\(waiting.id)",
            "/operator/tokens", "/operator/agreements", "/operator/agreements/general", "/operator/staff", "/operator/settings", "/operator",
            "/operator/accounts", "/operator/accounts/\(account.id)", "/operator/approvals", "/operator/feedback", "/operator/catalogue",
            "/operator/news", "/operator/devices", "/operator/alerts", "/operator/audit", "/operator/security", "/status", "/announcements", "/agreements",
        ]
        for path in pages {
            for language in Language.allCases {
                let answer: APIAnswer = try await administrator.get("\(path)?language=\(language.rawValue)")
                #expect(answer.status == 200, "\(path): \(answer.status)")
                let page = PageText(html: answer.text)
                #expect(page.unbalanced.isEmpty, "\(path): \(page.unbalanced)")
                #expect(Set(page.attributes("id")).count == page.attributes("id").count, "\(path)")
            }
            let actions: Set<String> = Set(PageText(html: try await auditor.get(path).text).attributes("action"))
            // A list's filter asks, and changes nothing.
            #expect(path == "/operator/security" || actions.isSubset(of: filters.union(["/operator/sign-out"])), "\(path): \(actions)")
        }
        #expect(try await owner2().get("/operator").status == 303)
    }

    private func owner2() async throws -> ConsoleVisitor { ConsoleVisitor(client: try served.visitor()) }

    @Test("what the operator does to an account stands on the account's own pages: a payment, booked once however often it is sent; a measure; its end")
    func account() async throws {
        let (account, member): (Account, ConsoleVisitor) = try await owner()
        let operators: ConsoleVisitor = try await staff(.administrator)
        let page: String = "/operator/accounts/\(account.id)"
        let once: String = LedgerTransactionID(at: hub.now()).rawValue
        let payment: [(String, String)] = [("kind", "top_up"), ("amount", "12.50"), ("currency", "CNY"), ("reason", "bank transfer"), ("once", once)]
        for _ in 0..<2 { #expect(try await operators.submit("\(page)/money", on: page, payment).status == 303) }
        #expect(try await hub.balances(account.id).map(\.amount) == [12_500_000])
        #expect(try await member.get("/account/bills").text.contains("bank transfer"))
        let measure: [(String, String)] = [
            ("kind", "throttle"), ("perMinute", "10"), ("days", "3"), ("ground", "too-many"), ("statement", "Slow down, please."),
        ]
        #expect(try await operators.submit("\(page)/measures", on: page, measure).status == 303)
        #expect(try await member.get("/account/standing").text.contains("Slow down, please."))
        let ordered: Measure = try await hub.measures(account.id)[0]
        #expect(ordered.perMinute == 10 && ordered.expires != nil)
        #expect(try await operators.submit("/operator/measures/\(ordered.id)/lift", on: page, []).status == 303)
        #expect(try await hub.measures(account.id)[0].ended != nil)
        let refused: APIAnswer = try await operators.submit("\(page)/measures", on: page, [("kind", "throttle"), ("ground", "kept words"), ("statement", "x")])
        #expect(refused.status == 400 && refused.text.contains("value=\"kept words\"") && refused.text.contains("role=\"alert\""))
    }

    @Test("a report goes from the account's page to the operator's and back; a leaked key in it is frozen at once")
    func feedback() async throws {
        let (account, member): (Account, ConsoleVisitor) = try await owner()
        let operators: ConsoleVisitor = try await staff(.support)
        let key: IssuedKey = try await served.key(of: account)
        let sent: APIAnswer = try await member.submit(
            "/account/feedback", on: "/account/feedback", [("kind", "security"), ("subject", "A <leak>"), ("body", "found it"), ("key", key.secret)])
        let place: String = String((sent[header: "location"] ?? "").prefix { $0 != "?" })
        #expect(place.hasPrefix("/account/feedback/fbk_"))
        #expect(try await hub.apiKey(key.key.id, account: account.id).frozen != nil)
        let theirs: String = place.replacing("/account/", with: "/operator/")
        #expect(try await operators.get("/operator/feedback").text.contains("A &lt;leak&gt;"))
        #expect(try await operators.submit(theirs, on: theirs, [("body", "thank you"), ("closes", "yes")]).status == 303)
        #expect(try await member.get(place).text.contains("thank you"))
        #expect(try await hub.cases(account.id)[0].state == .closed)
    }

    @Test("an application for an API waits among the approvals, and passes calls once it is approved there; a closure likewise ends the account")
    func approvals() async throws {
        let (account, member): (Account, ConsoleVisitor) = try await owner()
        let operators: ConsoleVisitor = try await staff(.administrator)
        let application: Application = try await hub.makeApplication("door", account: account.id, by: .test)
        let catalogue: String = "/operator/catalogue"
        let price: [(String, String)] = [("api", "face.detect"), ("price", "0.01"), ("currency", "CNY"), ("effective", "")]
        #expect(try await operators.submit("\(catalogue)/prices", on: catalogue, price).status == 303)
        let terms: [(String, String)] = [
            ("api", "face.detect"), ("calls", "10"), ("seconds", "1"), ("trialUnits", "0"), ("trialDays", "1"), ("needsApproval", "yes"), ("isOpen", "yes"),
        ]
        #expect(try await operators.submit("\(catalogue)/terms", on: catalogue, terms).status == 303)
        let page: String = "/account/applications"
        #expect(try await member.submit("\(page)/\(application.id)/apply", on: page, [("api", "face.detect"), ("reason", "the door")]).status == 303)
        let asked: Entitlement = try await hub.entitlements(account.id)[0]
        #expect(asked.isWaiting)
        let silent: APIAnswer = try await operators.submit(
            "/operator/entitlements/\(asked.id)/decision", on: "/operator/approvals", [("decision", "approve"), ("answer", "")])
        #expect(silent.status >= 400)
        #expect(try await hub.entitlement(asked.id, account: account.id).isWaiting)
        _ = try await operators.submit(
            "/operator/entitlements/\(asked.id)/decision", on: "/operator/approvals", [("decision", "approve"), ("answer", "welcome")])
        #expect(try await hub.entitlement(asked.id, account: account.id).state == .active)
        #expect(try await member.submit("/account/leaving", on: "/account/leaving", [("reason", "moving on")]).status == 303)
        let closure: Closure = try await hub.closures(account.id)[0]
        _ = try await operators.submit(
            "/operator/closures/\(closure.id)/decision", on: "/operator/approvals", [("decision", "approve"), ("answer", "farewell")])
        #expect(try await hub.account(account.id.rawValue).standing == .ended)
        // Who has ended still exports, and changes nothing else.
        let export: APIAnswer = try await member.submit("/account/leaving/export", on: "/account/leaving", [])
        #expect(export.status == 200 && export["feedback"] != .null)
        #expect(try await member.submit(page, on: "/account/leaving", [("name", "more")], token: nil).status == 403)
    }

    @Test("news and incidents that the operator publishes stand on everybody's pages, in their language, until they are over")
    func news() async throws {
        let operators: ConsoleVisitor = try await staff(.support)
        let visitor: ConsoleVisitor = try await owner2()
        let words: [(String, String)] = [("title_en", "Upgrade"), ("title_zh", "升级"), ("text_en", "Tonight."), ("text_zh", "今晚。")]
        #expect(try await operators.submit("/operator/news/announcements", on: "/operator/news", words + [("audience", "everybody")]).status == 303)
        #expect(try await visitor.get("/announcements?language=zh").text.contains("升级"))
        #expect(try await visitor.get("/status?language=en").text.contains("Everything runs"))
        #expect(try await operators.submit("/operator/news/incidents", on: "/operator/news", words + [("kind", "fault"), ("impact", "outage")]).status == 303)
        #expect(try await visitor.get("/status?language=en").text.contains("The service is interrupted"))
        let incident: Incident = try await hub.incidents()[0]
        #expect(
            try await operators.submit(
                "/operator/news/incidents/\(incident.id)", on: "/operator/news", [("state", "resolved"), ("text_en", "Over."), ("text_zh", "已恢复。")]
            ).status == 303)
        let after: String = try await visitor.get("/status?language=zh").text
        #expect(after.contains("服务正常") && after.contains("已恢复。"))
        let wrong: APIAnswer = try await operators.submit("/operator/news/incidents", on: "/operator/news", [("title_en", "only one"), ("kind", "fault")])
        #expect(wrong.status == 400 && wrong.text.contains("value=\"only one\""))
    }

    @Test("a second factor is set up, asked for and switched off on the pages")
    func secondFactor() async throws {
        let (_, member): (Account, ConsoleVisitor) = try await owner()
        let here: String = "/account/security"
        let offered: APIAnswer = try await member.submit("\(here)/second-factor", on: here, [("password", Hub.testPassword)])
        let secret: String = PageText.matches(of: #"id="secret" type="text" value="([A-Z2-7]+)""#, in: offered.text).first?[0] ?? ""
        #expect(secret.count >= 16 && offered.text.contains("otpauth://"))
        let wrong: APIAnswer = try await member.submit("\(here)/second-factor", on: here, [("password", "not mine at all")])
        #expect(wrong.status >= 400 && wrong.text.contains("account-security-second-factor-password-fault"))
        let untrue: APIAnswer = try await member.submit("\(here)/second-factor/confirm", on: here, [("code", "000000")])
        #expect(untrue.text.contains("second-factor-confirm-code-fault"))
        let code: String = TOTPPeer.code(base32: secret, at: hub.now())
        let shown: APIAnswer = try await member.submit("\(here)/second-factor/confirm", on: here, [("code", code)])
        #expect(shown.status == 200 && shown.text.contains("<pre"))
        clock.advance(by: .seconds(60))
        let other = ConsoleVisitor(client: try served.visitor())
        let credentials: [(String, String)] = [("email", "owner@acme.example"), ("password", Hub.testPassword)]
        let asked: APIAnswer = try await other.submit("/sign-in", on: "/sign-in", credentials)
        #expect(asked.status >= 400 && asked.text.contains("sign-in-code-fault") && asked.text.contains("value=\"owner@acme.example\""))
        let signedIn: APIAnswer = try await other.submit(
            "/sign-in", on: "/sign-in", credentials + [("code", TOTPPeer.code(base32: secret, at: hub.now()))])
        #expect(signedIn[header: "location"] == "/account")
        #expect(try await other.submit("\(here)/second-factor/remove", on: here, [("password", Hub.testPassword)]).status == 303)
        #expect(try await ConsoleVisitor(client: served.visitor()).submit("/sign-in", on: "/sign-in", credentials).status == 303)
    }

    @Test("a draft of an agreement is shown beside the newest version and binds nobody; published, it is the next one, line by line as it was written")
    func agreements() async throws {
        let operators: ConsoleVisitor = try await staff(.administrator)
        let page: String = "/operator/agreements/general"
        let english: String = try await hub.agreementText("general", number: 1, language: .en).body
        let chinese: String = try await hub.agreementText("general", number: 1, language: .zh).body
        let day: String = String("\(hub.now().advanced(by: .seconds(40 * 86_400)))".prefix(10))
        func sent(_ text: String) -> [(String, String)] {
            [("rule", "explicit"), ("effective", day), ("text_en", text.replacing("\n", with: "\r\n")), ("text_zh", chinese)]
        }
        let same: APIAnswer = try await operators.submit("\(page)/draft", on: page, sent(english))
        #expect(same.status == 200 && !same.text.contains("\(page)/publish\""), "\(same.text.prefix(500))")
        let draft: APIAnswer = try await operators.submit("\(page)/draft", on: page, sent(english + "\n\nA <new> rule.\n"))
        #expect(draft.text.contains("<ins>A &lt;new&gt; rule.</ins>") && draft.text.contains("\(page)/publish\""))
        #expect(try await hub.agreementVersions(of: "general").count == 1)
        let untitled: APIAnswer = try await operators.submit("\(page)/draft", on: page, sent("No title."))
        #expect(untitled.status == 400 && untitled.text.contains(">No title.</textarea>"))
        let csrf: String = try #require(PageText.matches(of: #"name="csrf" value="([^"]+)""#, in: draft.text).first?[0])
        #expect(try await operators.submit("\(page)/publish", on: page, sent(english + "\n\nA <new> rule.\n"), token: csrf).status == 303)
        #expect(try await hub.agreementVersions(of: "general").count == 2)
        #expect(try await hub.agreementText("general", number: 2, language: .en).body == english + "\n\nA <new> rule.\n")
        // Not after the one before: refused with the draft still there.
        let early: APIAnswer = try await operators.submit("\(page)/publish", on: page, sent(english + "\n\nAnother rule.\n"), token: csrf)
        #expect(early.status == 400 && early.text.contains("<ins>Another rule.</ins>") && early.text.contains("role=\"alert\""))
    }

    @Test("settings are saved where they suit; staff are invited, given another role and taken out, but nobody does that to themselves; a credit limit is set")
    func house() async throws {
        let account: Account = try await owner().account
        let operators: ConsoleVisitor = try await staff(.administrator)
        let settings: String = "/operator/settings"
        #expect(try await operators.submit("\(settings)/waiting-devices", on: settings, [("value", "7")]).status == 303)
        #expect(try await hub.setting(.waitingDevices) == "7")
        let wrong: APIAnswer = try await operators.submit("\(settings)/waiting-devices", on: settings, [("value", "many")])
        #expect(wrong.status == 400 && wrong.text.contains("value=\"many\""))
        #expect(try await hub.setting(.waitingDevices) == "7")
        let house: String = "/operator/staff"
        #expect(try await operators.submit(house, on: house, [("email", "new@provider.example"), ("role", "support")]).status == 303)
        let invited: OperatorAccount = try #require(try await hub.operators().first { $0.email == "new@provider.example" })
        #expect(try await operators.submit("\(house)/\(invited.id)/role", on: house, [("role", "auditor")]).status == 303)
        #expect(try await hub.operators().first { $0.id == invited.id }?.role == .auditor)
        #expect(try await operators.submit("\(house)/\(invited.id)/remove", on: house, []).status == 303)
        let me: OperatorAccount = try #require(try await hub.operators().first)
        #expect(try await hub.operators().count == 1)
        let csrf: String = try #require(PageText.matches(of: #"name="csrf" value="([^"]+)""#, in: try await operators.get(house).text).first?[0])
        #expect(try await operators.submit("\(house)/\(me.id)/remove", on: house, [], token: csrf).status >= 400)
        #expect(try await hub.operators().count == 1)
        let page: String = "/operator/accounts/\(account.id)"
        #expect(try await operators.submit("\(page)/credit", on: page, [("limit", "25.5"), ("currency", "CNY")]).status == 303)
        #expect(try await hub.balances(account.id).map(\.creditLimit) == [25_500_000])
        // A page of the audit log goes on where the one before ended.
        let places: [String] = PageText.matches(of: #"data-label="Place">(\d+)<"#, in: try await operators.get("/operator/audit?before=4").text).map { $0[0] }
        #expect(places == ["3", "2", "1"])
    }
}
