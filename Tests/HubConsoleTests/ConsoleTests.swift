import Foundation
import HubAPI
import HubAccess
import HubDomain
import RecognitionAPI
import ServiceSupport
import TestKit
import Testing
import WireModel

@testable import HubConsole

@Suite("User centre")
struct ConsoleTests {
    private let served: ServedHub

    init() async throws { served = try await ServedHub() }

    private func owner() async throws -> (account: Account, visitor: ConsoleVisitor) {
        let account: Account = try await served.hub.openTestAccount("Acme", email: "owner@acme.example")
        let visitor = ConsoleVisitor(client: try served.visitor())
        let answer: APIAnswer = try await visitor.submit(
            "/sign-in", on: "/sign-in", [("email", "owner@acme.example"), ("password", Hub.testPassword)])
        #expect(answer.status == 303 && answer[header: "location"] == "/account", "\(answer.status) \(answer.text.prefix(300))")
        return (account, visitor)
    }

    private static let pages: [String] = [
        "/account", "/account/agreements", "/account/agreements/general/1", "/account/applications", "/account/try", "/account/usage", "/account/people",
        "/account/bills", "/account/packs", "/account/notices", "/account/webhooks", "/account/feedback", "/account/profile", "/account/standing",
        "/account/security", "/account/leaving",
    ]
    private static let open: [String] = ["/", "/sign-up", "/sign-up/sent", "/sign-in", "/confirm", "/forgot", "/reset", "/invitation", "/operator/sign-in"]

    @Test("every page is whole in both languages: elements closed, identifiers once, one first heading, its own scripts alone, kept by nobody")
    func whole() async throws {
        let visitor: ConsoleVisitor = try await owner().visitor
        for path in Self.pages + Self.open {
            for language in Language.allCases {
                let answer: APIAnswer = try await visitor.get("\(path)?language=\(language.rawValue)")
                #expect(answer.status == 200, "\(path): \(answer.status)")
                let page = PageText(html: answer.text)
                #expect(page.unbalanced.isEmpty, "\(path): \(page.unbalanced)")
                let ids: [String] = page.attributes("id")
                #expect(Set(ids).count == ids.count, "\(path): \(ids)")
                #expect(PageText.matches(of: "(<h1)", in: answer.text).count == 1)
                #expect(answer.text.contains("<html lang=\"\(language == .zh ? "zh-CN" : "en")\">"))
                let policy: String = answer[header: "content-security-policy"] ?? ""
                #expect(policy.contains("default-src 'none'") && policy.contains("script-src 'self'") && !policy.contains("unsafe"), "\(policy)")
                #expect(!answer.text.contains("style=\"") && !answer.text.contains("onclick") && !answer.text.contains("<script>"))
                #expect(answer[header: "cache-control"] == "no-store")
                for link in page.attributes("href") + page.attributes("src") + page.attributes("action") { #expect(link.hasPrefix("/") || link.hasPrefix("#")) }
            }
        }
    }

    @Test("a form without the session's own token, or from another site, is refused and changes nothing")
    func forged() async throws {
        let (account, visitor): (Account, ConsoleVisitor) = try await owner()
        let path: String = "/account/applications"
        for (token, headers) in [("", []), ("somebody-elses", []), (nil, ["Sec-Fetch-Site: cross-site"]), (nil, ["Sec-Fetch-Site: same-site"])]
            as [(String?, [String])]
        {
            let answer: APIAnswer = try await visitor.submit(path, on: path, [("name", "forged")], token: token, headers: headers)
            #expect(answer.status == 403 && answer.text.contains("csrf_refused"), "\(answer.status)")
        }
        #expect(try await served.hub.applications(account.id).isEmpty)
        let signIn: APIAnswer = try await visitor.submit(
            "/sign-in", on: "/sign-in", [("email", "owner@acme.example"), ("password", Hub.testPassword)], headers: ["Sec-Fetch-Site: cross-site"])
        #expect(signIn.status == 403)
        #expect(try await visitor.submit(path, on: path, [("name", "mine")], headers: ["Sec-Fetch-Site: same-origin"]).status == 303)
        #expect(try await served.hub.applications(account.id).map(\.name) == ["mine"])
    }

    @Test("a refusal stands at its field, in the reader's language, and nothing that was typed is lost but the password")
    func refused() async throws {
        let visitor = ConsoleVisitor(client: try served.visitor())
        let ticks: [String] = try await served.hub.agreementsInForce().filter { !$0.document.hasPrefix("api:") }.map { VisitorPages.tick($0, .zh) }
        var typed: [(String, String)] = [("kind", "enterprise"), ("name", "<b>林</b> & \"Co\""), ("email", "lin@home.example"), ("password", "1234567890")]
        typed += ticks.map { ("accept", $0) }
        let answer: APIAnswer = try await visitor.submit("/sign-up", on: "/sign-up", typed, headers: ["Accept-Language: zh"])
        #expect(answer.status == 422 || answer.status == 400, "\(answer.status)")
        let page = PageText(html: answer.text)
        #expect(page.attributes("value").contains("<b>林</b> & \"Co\"") && !answer.text.contains("<b>林"))
        #expect(page.attributes("value").contains("lin@home.example") && !answer.text.contains("1234567890"))
        #expect(answer.text.contains("<option value=\"enterprise\" selected>"))
        #expect(PageText.matches(of: "( checked)", in: answer.text).count == ticks.count)
        #expect(answer.text.contains("id=\"sign-up-password-fault\"") && answer.text.contains("aria-invalid=\"true\""))
        #expect(answer.text.contains(ProblemMeaning(.passwordWeak, .zh).title))
    }

    @Test("nobody is sent to another site, nor shown another's words, by a link")
    func links() async throws {
        _ = try await served.hub.openTestAccount("Acme", email: "owner@acme.example")
        for to in ["//evil.example", "https://evil.example", "/\\evil.example", "evil.example"] {
            let visitor = ConsoleVisitor(client: try served.visitor())
            let answer: APIAnswer = try await visitor.submit(
                "/sign-in", on: "/sign-in", [("email", "owner@acme.example"), ("password", Hub.testPassword), ("to", to)])
            #expect(answer[header: "location"] == "/account")
            #expect(try await visitor.get("/language/zh?to=\(to.formEscaped)")[header: "location"] == "/")
            #expect(try await !visitor.get("/sign-in?done=evil-words").text.contains("evil"))
            #expect(try await visitor.get("/").text.contains("zh-CN\""), "the chosen language stays")
        }
    }

    @Test("from an application to a key that works, shown once; frozen, it works no more")
    func keys() async throws {
        let (account, visitor): (Account, ConsoleVisitor) = try await owner()
        let path: String = "/account/applications"
        _ = try await visitor.submit(path, on: path, [("name", "door")])
        let application: Application = try await served.hub.applications(account.id)[0]
        let shown: APIAnswer = try await visitor.submit("/account/keys", on: path, [("application", application.id.rawValue), ("name", "back office")])
        let secret: String = PageText(html: shown.text).attributes("value").first { $0.hasPrefix("vlt_") } ?? ""
        #expect(APIKeyText(secret) != nil)
        #expect(try await !visitor.get(path).text.contains(secret))
        let program: APIClient = try served.visitor()
        #expect(try await program.call("/v1/access", key: secret).status == 200)
        let key: APIKey = try await served.hub.apiKeys(account.id)[0]
        #expect(try await visitor.submit("/account/keys/\(key.id)/freeze", on: path, []).status == 303)
        #expect(try await program.call("/v1/access", key: secret).code == .keyFrozen)
        #expect(try await visitor.submit("/account/keys/\(key.id)/rotate", on: path, [], token: nil).status == 403, "its form is gone")
    }

    @Test("an API tried on a picture is a call like any other: through the gate, metered for the application, without a key, and in the chart")
    func trying() async throws {
        let (account, visitor): (Account, ConsoleVisitor) = try await owner()
        let application: Application = try await served.hub.makeApplication("door", account: account.id, by: .test)
        try await served.hub.grant(.detect, to: application.id, of: account)
        let picture: [UInt8] = Array(try Data(contentsOf: URL(filePath: World.picture("obama.jpg"))))
        let token: String = PageText.matches(of: #"name="csrf" value="([^"]*)""#, in: try await visitor.get("/account/try").text).first?[0] ?? ""
        func attempt() async throws -> APIAnswer {
            var body: [UInt8] = []
            for (name, value) in [("csrf", token), ("call", "\(application.id) face.detect")] {
                body += "--b\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8
            }
            body += "--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n".utf8 + picture
            body += "\r\n--b--\r\n".utf8
            return try await visitor.client.send("POST", "/account/try", bytes: body, headers: ["Content-Type: multipart/form-data; boundary=b"], csrf: "")
        }
        let answer: APIAnswer = try await attempt()
        #expect(answer.status == 200 && answer.text.contains("<rect class=\"box found\"") && answer.text.contains("data:image/jpeg;base64,"))
        let records: [MeteringRecord] = try await served.hub.meteringRecords(account.id, api: nil, before: nil, limit: 10)
        #expect(
            records.count == 1 && records[0].application == application.id && records[0].key == nil && records[0].units == 1 && records[0].state == .settled)
        let usage: APIAnswer = try await visitor.get("/account/usage")
        #expect(usage.text.contains("<rect class=\"s0\"") && usage.text.contains(records[0].id))
        // What a program would be refused, a page is: here an agreement that the account declined.
        let text: AcceptedText = try await served.hub.acceptableTexts(["general"])[0]
        #expect(
            try await visitor.submit(
                "/account/agreements/general/1", on: "/account/agreements/general/1", [("hash", text.hash), ("decision", "declined")]
            ).status == 303)
        let declined: APIAnswer = try await attempt()
        #expect(declined.status == 403 && declined.text.contains("agreement_declined"))
        #expect(try await served.hub.meteringRecords(account.id, api: nil, before: nil, limit: 10).count == 1)
    }

    @Test("persons are added with their consent, enrolled by a picture, and erased, on the pages")
    func people() async throws {
        let (account, visitor): (Account, ConsoleVisitor) = try await owner()
        let application: Application = try await served.hub.makeApplication("door", account: account.id, by: .test)
        _ = try await visitor.submit("/account/people", on: "/account/people", [("application", application.id.rawValue), ("name", "staff")])
        let owner = GalleryOwner(account: account.id, application: application.id)
        let gallery: Gallery = try await served.hub.galleries(owner)[0]
        let page: String = "/account/applications/\(application.id)/galleries/\(gallery.id)"
        let without: APIAnswer = try await visitor.submit(
            "\(page)/persons", on: page, [("label", "Ada"), ("reference", ""), ("purpose", "door"), ("days", "30")])
        #expect(without.status >= 400 && without.text.contains("value=\"Ada\""))
        let fields: [(String, String)] = [("label", "Ada"), ("reference", "file 7"), ("purpose", "door"), ("days", "30")]
        #expect(try await visitor.submit("\(page)/persons", on: page, fields).status == 303)
        let person: Person = try await served.hub.persons(in: gallery.id, of: owner, limit: 10)[0]
        #expect(person.consent.reference == "file 7" && !person.consent.onDevices)
        #expect(try await visitor.submit("\(page)/persons/\(person.id)/erase", on: page, []).status == 303)
        #expect(try await served.hub.persons(in: gallery.id, of: owner, limit: 10).isEmpty)
    }

    @Test("what changed between two texts is told line by line, what went before what came")
    func difference() {
        let lines: [LineView] = TextDifference.lines(from: "# T\n\na\nb\nc\n", to: "# T\n\na\nB\nc\nd\n", added: "added", removed: "removed")
        #expect(lines.map { ($0.isAdded ? "+" : "-") + $0.line } == ["-b", "+B", "+d"])
        #expect(TextDifference.lines(from: "a\nb", to: "a\n\nb\n", added: "", removed: "").isEmpty)
    }

    @Test("use is counted by day and API, and by nobody else's")
    func daily() async throws {
        let clock = ManualClock.startingNow()
        let served = try await ServedHub(clock: clock)
        let hub: Hub = served.hub
        let account: Account = try await hub.openTestAccount("Acme", email: "owner@acme.example")
        let other: Account = try await hub.openTestAccount("Other", email: "owner@other.example")
        for (owner, uses) in [(account, [(APIName.detect, 2), (.quality, 1)]), (other, [(.detect, 5)])] {
            let application: Application = try await hub.makeApplication("app", account: owner.id, by: .test)
            for (api, count) in uses {
                try await hub.grant(api, to: application.id, of: owner)
                for _ in 0..<count {
                    let id = MeteringRecordID(at: hub.now())
                    let request = ClaimRequest(
                        id: id, account: owner.id, application: application.id, key: nil, api: api, permissions: [api], units: 1, requestHash: nil,
                        keyPerMinute: nil)
                    guard case .granted = try await hub.claim(request) else { throw Refused() }
                    try await hub.settle(id, units: 1, answer: nil)
                    clock.advance(by: .seconds(86_400))
                }
            }
        }
        let use: [DailyUse] = try await hub.dailyUse(account.id, days: 30)
        #expect(use.map(\.api) == [.detect, .detect, .quality] && use.allSatisfy { $0.units == 1 && $0.records == 1 } && Set(use.map(\.day)).count == 3)
        #expect(Set(use.map(\.day)).isSubset(of: Set(hub.lastDays(30))))
        #expect(try await hub.dailyUse(nil, days: 30).reduce(0) { $0 + $1.units } == 8)
        #expect(try await hub.dailyUse(account.id, days: 1).isEmpty)
    }

    private struct Refused: Error {}
}
