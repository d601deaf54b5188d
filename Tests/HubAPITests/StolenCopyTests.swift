import Biometrics
import Crypto
import Foundation
import HubAPI
import HubAccess
import HubDomain
import HubStorage
import RecognitionAPI
import ServiceSupport
import TestKit
import Testing
import WireModel

@Suite("A stolen copy of the database")
struct StolenCopyTests {
    /// Everything secret that was handed out while a hub was used as people use it.
    private struct Secrets {
        /// By what each is.
        var texts: [(name: String, text: String)] = []
        /// Some numbers in a row of templates, as they are kept in memory.
        var templates: [[UInt8]] = []
        mutating func plant(_ name: String, _ text: String) {
            precondition(text.utf8.count >= 6)
            texts.append((name, text))
        }
    }

    @Test(
        "it yields no password, key, session, token, second factor or recovery code: no face, name or consent of anybody: not in rows, not in files, not in a backup"
    )
    func scan() async throws {
        let clock = ManualClock.startingNow()
        let served = try await ServedHub(clock: clock)
        let secrets: Secrets = try await use(served, clock)
        #expect(secrets.texts.count >= 20)
        let copy: [(place: String, bytes: [UInt8])] = try await Self.copies(of: served)
        #expect(copy.count > 20)
        for secret in secrets.texts {
            for form in Self.forms(of: secret.text) {
                for (place, bytes) in copy where Self.contains(bytes, form) { Issue.record("\(secret.name) is in \(place)") }
            }
        }
        #expect(secrets.templates.count == 8)
        for template in secrets.templates {
            for (place, bytes) in copy where Self.contains(bytes, template) { Issue.record("a template is in \(place)") }
        }
    }

    @Test("the scan finds a secret that was put into a table, in each form it looks for", arguments: 0..<9)
    func planted(form: Int) async throws {
        let served = try await ServedHub()
        let account: Account = try await served.hub.openTestAccount()
        let secret: String = try await served.key(of: account).secret
        let forms: [[UInt8]] = Self.forms(of: secret)
        let planted = String(decoding: forms[form % forms.count], as: UTF8.self)
        try await served.database.execute("UPDATE notice SET body = ? WHERE account_id = ?", [.text("so: " + planted), .text(account.id.rawValue)])
        let copy: [(place: String, bytes: [UInt8])] = try await Self.copies(of: served)
        #expect(copy.contains { Self.contains($0.bytes, forms[form % forms.count]) })
    }

    @Test("what it does hold opens nothing: hashes sent as session, key, mailed token or recovery code are refused")
    func passTheHash() async throws {
        let served = try await ServedHub()
        let account: Account = try await served.hub.openTestAccount()
        _ = try await served.member("owner@acme.example")
        _ = try await served.key(of: account)
        _ = try await served.visitor().post("/v1/account/password/forgot", ["email": "owner@acme.example"])
        for row in try await served.database.rows("SELECT hash FROM session") {
            let thief: APIClient = try served.visitor()
            await thief.setSession(cookie: try row.text("hash"), csrf: try row.text("hash"))
            #expect(try await thief.get("/v1/account").code == .signInRequired)
        }
        for row in try await served.database.rows("SELECT hash FROM api_key") {
            #expect(try await served.visitor().call("/v1/access", key: try row.text("hash")).code == .keyMalformed)
        }
        for row in try await served.database.rows("SELECT hash FROM mail_token") {
            let answer: APIAnswer = try await served.visitor().post(
                "/v1/account/password/reset", ["token": .string(try row.text("hash")), "password": "a whole new password"])
            #expect(answer.code == .mailTokenInvalid)
        }
        let stored: String = try await served.database.passwordHash(of: "owner@acme.example")
        #expect(try await served.visitor().signIn("owner@acme.example", password: stored).code == .credentialsWrong)
    }

    // MARK: Using the hub

    /// Registration, resets, keys, second factor, operators, devices' tokens: with every secret written down.
    private func use(_ served: ServedHub, _ clock: ManualClock) async throws -> Secrets {
        var secrets = Secrets()
        let hub: Hub = served.hub
        let visitor: APIClient = try served.visitor()
        let (first, second, third): (String, String, String) = ("first password of Ada", "second password of Ada", "third password of Ada")
        for password in [first, second, third] { secrets.plant("a password", password) }
        _ = try await visitor.post("/v1/account/register", registration("ada@home.example", password: first, accept: try await served.acceptances()))
        let token: String = try await hub.mailedToken("ada@home.example")
        secrets.plant("the confirmation token", token)
        _ = try await visitor.post("/v1/account/verify-email", ["token": .string(token)])
        func signIn(_ password: String, code: String? = nil) async throws -> APIClient {
            let client: APIClient = try served.visitor()
            let answer: APIAnswer = try await client.signIn("ada@home.example", password: password, code: code)
            #expect(answer.status == 201)
            for (name, value) in answer.headers where name == "set-cookie" {
                secrets.plant("a cookie", String(value.prefix { $0 != ";" }.drop { $0 != "=" }.dropFirst()))
            }
            secrets.plant("a CSRF token", answer["csrfToken"].text ?? "")
            return client
        }
        let owner: APIClient = try await signIn(first)
        _ = try await owner.post("/v1/account/password", ["current": .string(first), "new": .string(second)])
        clock.advance(by: .seconds(60))
        _ = try await visitor.post("/v1/account/password/forgot", ["email": "ada@home.example"])
        let reset: String = try await hub.mailedToken("ada@home.example")
        secrets.plant("the reset token", reset)
        _ = try await visitor.post("/v1/account/password/reset", ["token": .string(reset), "password": .string(third)])
        let again: APIClient = try await signIn(third)

        let offer: APIAnswer = try await again.post("/v1/account/second-factor", ["password": .string(third)])
        let seed: String = offer["secret"].text ?? ""
        secrets.plant("the authenticator's secret", seed)
        let confirmed: APIAnswer = try await again.post(
            "/v1/account/second-factor/confirm", ["code": .string(TOTPPeer.code(base32: seed, at: clock.now().wall))])
        let codes: [String] = confirmed["recoveryCodes"].texts
        for code in codes { secrets.plant("a recovery code", code) }
        _ = try await signIn(third, code: codes[0])

        let application: JSONValue = try await again.post("/v1/account/applications", ["name": "door"])["id"]
        let key: APIAnswer = try await again.post("/v1/account/keys", ["application": application, "name": "k"])
        secrets.plant("an API key", key["secret"].text ?? "")
        let rotated: APIAnswer = try await again.post("/v1/account/keys/\(key["key"]["id"].text ?? "")/rotate", ["overlapSeconds": 60])
        secrets.plant("a rotated API key", rotated["secret"].text ?? "")
        for one in [key, rotated] { _ = try await visitor.call("/v1/access", key: one["secret"].text ?? "") }

        let webhook: APIAnswer = try await again.post("/v1/account/webhooks", ["url": "https://hooks.example/", "topics": ["notice"]])
        secrets.plant("a webhook's secret", String((webhook["secret"].text ?? "").dropFirst(6)))
        let turned: APIAnswer = try await again.post("/v1/account/webhooks/\(webhook["webhook"]["id"].text ?? "")/rotate", ["overlapSeconds": 3_600])
        secrets.plant("a webhook's second secret", String((turned["secret"].text ?? "").dropFirst(6)))

        try await enrol(hub, try #require(ApplicationID(rawValue: application.text ?? "")), &secrets)

        // A mail that waits holds a token; an invitation to staff and one to a device too.
        clock.advance(by: .seconds(60))
        _ = try await visitor.post("/v1/account/password/forgot", ["email": "ada@home.example"])
        secrets.plant("a token that waits in the outbox", try await hub.mailedToken("ada@home.example"))
        let staff: APIClient = try await served.staff()
        let session: (cookie: String, csrf: String) = await staff.session
        secrets.plant("an operator's session", session.cookie)
        secrets.plant("an operator's password", Hub.testPassword)
        secrets.plant("a device's join token", try await hub.issueToken(account: "Ada", lifetime: .seconds(600), by: .test).token)
        return secrets
    }

    /// Persons in a gallery, by hand and by import, with everything that is told of them.
    private func enrol(_ hub: Hub, _ application: ApplicationID, _ secrets: inout Secrets) async throws {
        let owner = GalleryOwner(account: try await hub.account("Ada").id, application: application)
        let gallery: Gallery = try await hub.makeGallery("staff", of: owner, by: .test)
        let standing = StandingConsent(reference: "cabinet of consents 12", purpose: "the standing purpose", days: 30)
        secrets.plant("a standing consent", standing.reference)
        secrets.plant("a standing purpose", standing.purpose)
        try await hub.setStandingConsent(standing, of: owner, by: .test)
        let consent = ConsentRecord(
            reference: "signed paper 4711", purpose: "opening the back door", given: hub.now(), expires: hub.now().advanced(by: .seconds(86_400)),
            guardian: "mother of Charles")
        for (name, text) in [("a reference", consent.reference), ("a purpose", consent.purpose), ("a guardian", consent.guardian ?? "")] {
            secrets.plant(name, text)
        }
        let quality = QualityResult(eyeDistance: 60, sharpness: 1, yaw: 0, pitch: 0, roll: 0, brightness: 120)
        let opened: ImportResult = try await hub.openImport(into: gallery.id, total: 1, of: owner, by: .test)
        for label in ["Charles Babbage", "Lady Lovelace"] {
            secrets.plant("a person's label", label)
            let template = try Template(model: .sface2021dec, normalizing: (0..<128).map { _ in Float.random(in: -1...1) })
            for start in stride(from: 0, to: 512, by: 128) { secrets.templates.append(Array(template.littleEndianBytes[start..<start + 16])) }
            let person = NewPerson(label: label, isMinor: true, consent: consent)
            if label == "Lady Lovelace" {
                secrets.plant("an import's row", "row of the countess")
                _ = try await hub.importRow(
                    "row of the countess", template, quality: quality, as: .new(person), of: opened.id, in: gallery.id, of: owner, by: .test)
            } else {
                _ = try await hub.enrol(template, quality: quality, as: person, in: gallery.id, of: owner, by: .test)
            }
            #expect(try await hub.search([template], limit: 1, of: .sface2021dec, in: gallery.id, of: owner).candidates[0].count == 1)
        }
    }

    // MARK: Looking

    /// A text as it is, in hexadecimal of both cases, and in both Base64 alphabets at each of the three alignments; and the
    /// part after its prefix, should that be kept alone.
    private static func forms(of secret: String) -> [[UInt8]] {
        let bytes: [UInt8] = Array(secret.utf8)
        let hexadecimal: String = bytes.hexadecimal
        var forms: [[UInt8]] = [bytes, Array(hexadecimal.utf8), Array(hexadecimal.uppercased().utf8)]
        for shift in 0..<3 {
            // Characters that depend on the neighbours are cut off.
            let shifted = Data(repeating: 0x20, count: shift) + Data(bytes)
            let text: String = shifted.base64EncodedString().replacing("=", with: "")
            let inner = String(text.dropFirst(shift == 0 ? 0 : shift + 1).dropLast(3))
            guard inner.count >= 6 else { continue }
            forms.append(Array(inner.utf8))
            forms.append(Array(inner.replacing("+", with: "-").replacing("/", with: "_").utf8))
        }
        if let tail = secret.split(separator: "_").last, tail.utf8.count >= 16, tail != secret { forms.append(Array(tail.utf8)) }
        return forms
    }

    /// Everything a thief of the database has: each table's rows as bytes, SQLite's files, and a backup.
    private static func copies(of served: ServedHub) async throws -> [(place: String, bytes: [UInt8])] {
        var copies: [(place: String, bytes: [UInt8])] = []
        for table in HubSchema.tables {
            var bytes: [UInt8] = []
            for row in try await served.database.rows("SELECT * FROM \(table)") {
                for value in row.values {
                    switch value {
                    case .text(let text): bytes += Array(text.utf8)
                    case .blob(let blob): bytes += blob
                    case .integer(let number): bytes += Array("\(number)".utf8)
                    case .null: break
                    }
                    bytes.append(0)
                }
            }
            copies.append((table, bytes))
        }
        if case .sqlite(let path) = served.database.location {
            for suffix in ["", "-wal"] {
                if let data = FileManager.default.contents(atPath: path + suffix) { copies.append(("hub.sqlite\(suffix)", [UInt8](data))) }
            }
        }
        let backup: String = served.folder + "/backup-\(UUID().uuidString)"
        _ = try await served.hub.backUp(to: backup, by: .test)
        copies.append(("the backup", [UInt8](try Data(contentsOf: URL(filePath: backup)))))
        copies.append(("the backup's manifest", [UInt8](try Data(contentsOf: URL(filePath: backup + ".json")))))
        return copies
    }

    private static func contains(_ bytes: [UInt8], _ form: [UInt8]) -> Bool {
        Data(bytes).range(of: Data(form)) != nil
    }
}
