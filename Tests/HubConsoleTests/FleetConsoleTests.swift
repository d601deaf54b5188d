import HubAPI
import HubAccess
import HubDomain
import RecognitionAPI
import TestKit
import Testing
import WireModel

@testable import HubConsole

@Suite("The fleet in the consoles")
struct FleetConsoleTests {
    private let served: ServedHub
    private let clock: ManualClock

    init() async throws {
        clock = ManualClock.startingNow()
        served = try await ServedHub(clock: clock)
    }

    private var hub: Hub { served.hub }

    private func staff(_ role: OperatorRole = .administrator) async throws -> ConsoleVisitor { ConsoleVisitor(client: try await served.staff(role)) }

    private func owner(_ name: String) async throws -> (account: Account, visitor: ConsoleVisitor) {
        let email: String = "owner@\(name.lowercased()).example"
        let account: Account = try await hub.openTestAccount(name, email: email)
        return (account, ConsoleVisitor(client: try await served.member(email)))
    }

    private func place(_ answer: APIAnswer) -> String { String((answer[header: "location"] ?? "").prefix { $0 != "?" }) }

    @Test("a waiting device is shown with its fingerprint, letter by letter, and approved with a tick that it was compared; or refused")
    func waiting() async throws {
        let account: Account = try await owner("Acme").account
        let group: DeviceGroup = try await hub.makeDeviceGroup("entrance", account: account.id.rawValue, by: .test)
        let (visitor, auditor): (ConsoleVisitor, ConsoleVisitor) = (try await staff(), try await staff(.auditor))
        let (door, other) = (try DeviceKeys(), try DeviceKeys())
        for (keys, label) in [(door, "North <b>door</b>"), (other, "a stranger")] { _ = try await hub.wait(keys.waiting(label), address: "192.0.2.9") }
        let list: String = try await visitor.get("/operator/waiting").text
        #expect(list.contains(try #require(door.fingerprint).text) && list.contains("North &lt;b&gt;door&lt;/b&gt;") && list.contains("192.0.2.9"))
        #expect(list.contains(hub.authorityFingerprint))
        #expect(try await visitor.get("/operator").text.contains("Devices that wait to be approved: 2"))
        let waiting: WaitingDevice = try #require(try await hub.waitingDevices().first { $0.fingerprint == door.fingerprint })
        let page: String = "/operator/waiting/\(waiting.id)"
        #expect(PageText(html: try await auditor.get(page).text).attributes("action") == ["/operator/sign-out"])
        let fields: [(String, String)] = [("place", "\(account.id)/\(group.id)"), ("name", "Door 1"), ("labels", "site=north\nfloor = 2")]
        let refused: APIAnswer = try await visitor.submit("\(page)/approve", on: page, fields)
        #expect(refused.status == 400 && refused.text.contains("value=\"Door 1\""), "\(refused.status)")
        #expect(try await hub.devices().isEmpty)
        let wrong: APIAnswer = try await visitor.submit(
            "\(page)/approve", on: page, [("place", account.id.rawValue), ("name", "Door 1"), ("labels", "no label"), ("compared", "yes")])
        #expect(wrong.status == 400)
        let approved: APIAnswer = try await visitor.submit("\(page)/approve", on: page, fields + [("compared", "yes")])
        #expect(approved.status == 303, "\(approved.text)")
        let made: FleetDevice = try #require(try await hub.fleet().first)
        #expect(place(approved) == "/operator/devices/\(made.device.id)")
        #expect(made.device.label == "Door 1" && made.device.group == group.id && made.labels == ["site": "north", "floor": "2"])
        #expect(try await visitor.get(place(approved)).text.contains(try #require(door.fingerprint).text))
        #expect(try await visitor.get(page).status == 404)

        let stranger: WaitingDevice = try #require(try await hub.waitingDevices().first)
        let theirs: String = "/operator/waiting/\(stranger.id)"
        #expect(try await visitor.submit("\(theirs)/refuse", on: theirs, [("reason", "not ours")]).status == 303)
        #expect(try await hub.waitingDevices(refused: true).map(\.refusal) == ["not ours"])
        #expect(try await visitor.get("/operator/waiting").text.contains("a stranger"))
    }

    @Test("the list is narrowed by text, label, group, version, state and drift, and paged so that every device comes once")
    func list() async throws {
        let account: Account = try await owner("Acme").account
        let group: DeviceGroup = try await hub.makeDeviceGroup("entrance", account: account.id.rawValue, by: .test)
        let visitor: ConsoleVisitor = try await staff()
        var devices: [DeviceID] = []
        for number in 0..<60 {
            clock.advance(by: .milliseconds(1))
            devices.append(
                try await hub.quietDevice(
                    "Door \(number)", account: account, group: number < 3 ? "entrance" : nil, version: number == 7 ? "0.2" : "0.1"))
        }
        _ = try await hub.labelDevice(devices[5], name: "North + South", labels: ["site": "north"], by: .test)
        _ = try await hub.revokeDevice(devices[6], by: .test)
        func shown(_ query: String) async throws -> [String] {
            let text: String = try await visitor.get("/operator/devices\(query)").text
            return PageText.matches(of: #"href="/operator/devices/(dev_[0-9a-f]{32})""#, in: text).map { $0[0] }
        }
        func asked(_ numbers: Int...) -> [String] { numbers.map { devices[$0].rawValue } }
        #expect(try await shown("?text=North+%2B+South") == asked(5))
        for query in ["?label=site", "?label=site%3Dnorth"] { #expect(try await shown(query) == asked(5)) }
        #expect(try await shown("?label=site%3Dsouth").isEmpty)
        #expect(try await shown("?group=\(group.id)") == asked(2, 1, 0))
        #expect(try await shown("?version=0.2") == asked(7))
        #expect(try await shown("?state=revoked") == asked(6))
        #expect(try await shown("?drift=yes").isEmpty)
        #expect(try await shown("?state=never&group=\(group.id)&text=door+1") == asked(1))
        let first: String = try await visitor.get("/operator/devices?state=never").text
        let next: String = try #require(PageText.matches(of: #"href="(/operator/devices\?[^"]*after=[^"]*)""#, in: first).first?[0])
        let pages: [String] = try await shown("?state=never") + shown(String(PageText.plain(next).dropFirst("/operator/devices".count)))
        #expect(pages.count == 59 && Set(pages).count == 59)
        #expect(try await shown("?state=never").count == 50)
    }

    @Test("settings, commands, names and groups are changed from a device's page; what cannot be taken back asks for its name; its receipt is a file")
    func device() async throws {
        let account: Account = try await owner("Acme").account
        let group: DeviceGroup = try await hub.makeDeviceGroup("entrance", account: account.id.rawValue, by: .test)
        let id: DeviceID = try await hub.quietDevice("Door <1>", account: account)
        let visitor: ConsoleVisitor = try await staff()
        let page: String = "/operator/devices/\(id)"
        func submit(_ path: String, _ fields: [(String, String)]) async throws -> APIAnswer { try await visitor.submit("\(page)/\(path)", on: page, fields) }
        #expect(try await submit("settings", [("targetFalseMatchRate", "1e-05"), ("pad", "passive"), ("contact", "90")]).status == 303)
        let wanted: DeviceConfiguration = try await hub.fleetDevice(id).wanted
        #expect(wanted.targetFalseMatchRate == 0.00001 && wanted.watch?.pad == .passive && wanted.contactMilliseconds == 90_000)
        // Filled with what it has: sent as it stands, nothing changes.
        let shown: String = try await visitor.get(page).text
        #expect(shown.contains(#"<option value="1e-05" selected>"#) && shown.contains(#"name="contact" value="90""#))
        for (name, value) in [("contact", "soon"), ("pad", "none"), ("retention", "0"), ("targetFalseMatchRate", "0.5"), ("store", "nan")] {
            #expect(try await submit("settings", [(name, value)]).status == 400, "\(name)")
        }
        #expect(try await hub.fleetDevice(id).wanted == wanted)
        #expect(try await submit("settings", []).status == 303)
        #expect(try await hub.fleetDevice(id).overrides == nil)

        #expect(try await submit("commands", [("kind", "pause")]).status == 303)
        let pause: IssuedCommand = try await hub.commands(of: id)[0]
        #expect(try await submit("commands/\(pause.id)/cancel", []).status == 303)
        #expect(try await hub.commands(of: id)[0].progress(at: hub.now()) == "expired")
        #expect(try await submit("commands", [("kind", "wipe")]).status == 400)
        for (path, name) in [("wipe", "Door 1"), ("stolen", ""), ("revoke", "door <1>")] { #expect(try await submit(path, [("confirm", name)]).status == 400) }
        #expect(try await hub.commands(of: id).allSatisfy { $0.kind != "wipe" })
        #expect(try await hub.fleetDevice(id).device.revoked == nil)
        #expect(try await submit("wipe", [("confirm", "Door <1>")]).status == 303)
        #expect(try await hub.commands(of: id).contains { $0.kind == "wipe" })

        #expect(try await submit("group", [("group", group.id.rawValue)]).status == 303)
        #expect(try await submit("name", [("name", "Gate"), ("labels", "site=north")]).status == 303)
        #expect(try await submit("name", [("name", "Gate"), ("labels", "floor=1")]).status == 303)
        let named: FleetDevice = try await hub.fleetDevice(id)
        #expect(named.device.label == "Gate" && named.labels == ["floor": "1"] && named.groupName == "entrance")
        #expect(try await visitor.get("\(page)/commands/\(pause.id)/receipt").status == 404)
        // Its own words in the reader's language, at the field.
        let csrf: String = try #require(PageText.matches(of: #"name="csrf" value="([^"]+)""#, in: try await visitor.get(page).text).first?[0])
        let chinese: APIAnswer = try await visitor.submit("\(page)/settings?language=zh", on: page, [("retention", "0")], token: csrf)
        #expect(chinese.status == 400 && chinese.text.contains("允许范围：1–3,650"), "\(chinese.text.suffix(600))")
        #expect(try await submit("stolen", [("confirm", "Gate")]).status == 303)
        #expect(try await hub.fleetDevice(id).condition == .stolen)
        #expect(PageText(html: try await visitor.get(page).text).attributes("action") == ["/operator/sign-out"])
    }

    @Test("a group is made, configured and given galleries from its pages, and deleted once empty")
    func group() async throws {
        let account: Account = try await owner("Acme").account
        let application: Application = try await hub.makeApplication("door", account: account.id, by: .test)
        let gallery: Gallery = try await hub.makeGallery("staff", of: GalleryOwner(account: account.id, application: application.id), by: .test)
        let visitor: ConsoleVisitor = try await staff(.support)
        let made: APIAnswer = try await visitor.submit(
            "/operator/groups", on: "/operator/groups", [("account", account.id.rawValue), ("name", "entrance")])
        let page: String = place(made)
        #expect(page.hasPrefix("/operator/groups/grp_"), "\(made.text)")
        #expect(try await visitor.submit("/operator/groups", on: "/operator/groups", [("account", account.id.rawValue), ("name", "entrance")]).status == 409)
        #expect(
            try await visitor.submit("\(page)/settings", on: page, [("contact", "60"), ("bytesPerDay", "2000000"), ("minimumFace", "80"), ("pad", "active")])
                .status == 303)
        let group: DeviceGroup = try await hub.deviceGroups()[0]
        #expect(group.configuration.contactMilliseconds == 60_000 && group.configuration.bytesPerDay == 2_000_000)
        #expect(
            group.configuration.watch?.minimumFacePixels == 80 && group.configuration.watch?.pad == .active && group.configuration.resultRetentionDays == 90)
        #expect(try await visitor.submit("\(page)/galleries", on: page, [("gallery", gallery.id.rawValue), ("days", "0.5")]).status == 303)
        #expect(try await hub.deviceGroups()[0].galleries.map(\.termMilliseconds) == [43_200_000])
        #expect(try await visitor.submit("\(page)/galleries/\(gallery.id)/unassign", on: page, []).status == 303)
        #expect(try await hub.deviceGroups()[0].galleries.isEmpty)
        #expect(try await visitor.submit("\(page)/delete", on: page, []).status == 303)
        #expect(try await hub.deviceGroups().isEmpty)
    }

    @Test("a token is shown once and lets a device in; a withdrawn one lets nobody in")
    func tokens() async throws {
        let account: Account = try await owner("Acme").account
        let visitor: ConsoleVisitor = try await staff()
        func token() async throws -> JoinToken {
            let made: APIAnswer = try await visitor.submit(
                "/operator/tokens", on: "/operator/tokens", [("place", account.id.rawValue), ("minutes", "30"), ("replaces", "")])
            let text: String = try #require(PageText.matches(of: #"value="(vjt_[^"]+)""#, in: made.text).first?[0])
            #expect(try await !visitor.get("/operator/tokens").text.contains(text))
            return try #require(JoinToken(text))
        }
        func join(_ token: JoinToken) async throws -> EnrolmentResponse {
            try await hub.enrol(
                EnrolmentRequest(secret: token.secret, certificateSigningRequest: try DeviceKeys().request, label: "d", agentVersion: "0"))
        }
        #expect(try await join(try await token()).account == account.id)
        let second: JoinToken = try await token()
        let listed: ListedToken = try #require(try await hub.joinTokens().first { $0.usedBy == nil })
        #expect(try await visitor.submit("/operator/tokens/\(listed.id)/withdraw", on: "/operator/tokens", []).status == 303)
        await #expect(throws: Problem.self) { try await join(second) }
        #expect(try await hub.devices().count == 1)
        #expect(try await hub.joinTokens().count == 1)
    }

    @Test("an account sees its own devices alone, pauses them, and gets neither the operator's diagnostics nor another account's device")
    func own() async throws {
        let (acme, visitor): (Account, ConsoleVisitor) = try await owner("Acme")
        let other: Account = try await owner("Other").account
        let mine: DeviceID = try await hub.quietDevice("My door", account: acme)
        let theirs: DeviceID = try await hub.quietDevice("Their door", account: other)
        let list: String = try await visitor.get("/account/devices").text
        #expect(list.contains("My door") && !list.contains("Their door"))
        for path in ["/account/devices/\(theirs)", "/account/live/devices/\(theirs)"] { #expect(try await visitor.get(path).status == 404) }
        let page: String = "/account/devices/\(mine)"
        #expect(try await visitor.submit("\(page)/commands", on: page, [("kind", "pause")]).status == 303)
        #expect(try await hub.commands(of: mine).map(\.kind) == ["pause"])
        #expect(try await visitor.submit("\(page)/commands", on: page, [("kind", "wipe")]).status == 400)
        let csrf: String = try #require(PageText.matches(of: #"name="csrf" value="([^"]+)""#, in: try await visitor.get(page).text).first?[0])
        #expect(try await visitor.submit("/account/devices/\(theirs)/commands", on: page, [("kind", "pause")], token: csrf).status == 404)
        #expect(try await hub.commands(of: theirs).isEmpty)
        for language in ["en", "zh"] {
            for path in ["/account/devices", page] {
                let html = PageText(html: try await visitor.get("\(path)?language=\(language)").text)
                #expect(html.unbalanced.isEmpty && Set(html.attributes("id")).count == html.attributes("id").count, "\(path)")
            }
        }
    }
}
