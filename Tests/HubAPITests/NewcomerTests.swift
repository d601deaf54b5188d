import Foundation
import HubDomain
import RecognitionAPI
import TestKit
import Testing
import WireModel

/// One newcomer's whole path, by nothing but the public interface.
@Suite("From nothing to a statement", .enabled(if: FileManager.default.fileExists(atPath: World.pictures + "/obama.jpg"), "the demo pictures are not set up"))
struct NewcomerTests {
    private static func picture(_ name: String) throws -> JSONValue {
        .string(try Data(contentsOf: URL(filePath: World.pictures + "/" + name)).base64EncodedString())
    }

    /// What an operator sets up: a price with notice of a change, a trial, approval.
    private func sell(_ staff: APIClient) async throws {
        let terms: JSONValue = [
            "interfaceVersion": 1, "frequency": ["calls": 60, "seconds": 60], "allowance": ["units": 1_000, "period": "month"],
            "trial": ["units": 2, "days": 14, "isFree": true], "needsApproval": true, "isOpen": true,
        ]
        let offered: APIAnswer = try await staff.post("/v1/operator/catalogue/offers", ["api": "face.compare", "terms": terms])
        #expect(offered.status == 201, "\(offered.text)")
        let priced: APIAnswer = try await staff.post(
            "/v1/operator/catalogue/prices", ["api": "face.compare", "currency": "CNY", "tariff": ["steps": [["price": 15_000]]]])
        #expect(priced.status == 201, "\(priced.text)")
    }

    @Test("register, verify, accept, key, trial call on a real picture, apply, approved, paid call, statement")
    func path() async throws {
        let served = try await ServedHub()
        let staff: APIClient = try await served.staff(.administrator)
        try await sell(staff)

        // Finds an API, reads what it costs and allows.
        let newcomer: APIClient = try served.visitor()
        let entry: APIAnswer = try await newcomer.get("/v1/catalogue/face.compare")
        #expect(entry["offer"]["terms"]?["trial"]?["units"] == 2)
        guard case .array(let plans)? = entry.json["plans"] else { throw Missing(answer: entry.text) }
        #expect(plans.map { $0["price"]?["unitPrice"]?["millionths"] } == [15_000])

        // Registers, reads and accepts what is in force, proves the mailbox, signs in.
        let registered: APIAnswer = try await newcomer.post(
            "/v1/account/register",
            [
                "kind": "individual", "name": "Newcomer", "email": "new@home.example", "password": .string(Hub.testPassword),
                "accept": try await served.acceptances(["general", "face-data"]),
            ])
        #expect(registered.status == 202, "\(registered.text)")
        let verified: APIAnswer = try await newcomer.post("/v1/account/verify-email", ["token": .string(try await served.hub.mailedToken("new@home.example"))])
        #expect(verified["standing"] == "active", "\(verified.text)")
        #expect(try await newcomer.signIn("new@home.example", password: Hub.testPassword).status == 201)
        let application: String = try #require(try await newcomer.post("/v1/account/applications", ["name": "gate"])["id"].text)
        let key: String = try #require(try await newcomer.post("/v1/account/keys", ["application": .string(application), "name": "first"])["secret"].text)

        // Tries it: refused before the application has it, then twice for nothing, then no more.
        let program: APIClient = try served.visitor()
        await program.send(always: ["Authorization: Bearer \(key)"])
        let pair: JSONValue = ["image": try Self.picture("obama2.jpg"), "referenceImage": try Self.picture("obama.jpg")]
        let strangers: JSONValue = ["image": try Self.picture("biden.jpg"), "referenceImage": try Self.picture("obama.jpg")]
        let early: APIAnswer = try await program.post("/v1/compare", pair)
        #expect(early.code == .notApplied, "\(early.text)")
        let applied: APIAnswer = try await newcomer.post(
            "/v1/account/applications/\(application)/entitlements",
            ["api": "face.compare", "isTrial": true, "accept": try await served.acceptances(["api:face.compare"])])
        #expect(applied["state"] == "trial", "\(applied.text)")
        let match: APIAnswer = try await program.post("/v1/compare", pair)
        #expect(match["outcome"] == "match", "\(match.text)")
        #expect(match[header: "vultus-units"] == "1")
        #expect(match[header: "ratelimit-policy"] == "\"face.compare\";q=60;w=60")
        let other: APIAnswer = try await program.post("/v1/compare", strangers)
        #expect(other["outcome"] == "unknown", "\(other.text)")
        let over: APIAnswer = try await program.post("/v1/compare", pair)
        #expect(over.status == 402)
        #expect(over.code == .trialOver)

        // Applies for regular use; an operator approves; money comes in.
        let wanted: APIAnswer = try await newcomer.post(
            "/v1/account/applications/\(application)/entitlements", ["api": "face.compare", "reason": "our gate"])
        #expect(wanted.status == 201, "\(wanted.text)")
        let entitlement: String = try #require(try await staff.get("/v1/operator/entitlements?waiting=true").list("id").first)
        let decided: APIAnswer = try await staff.post(
            "/v1/operator/entitlements/\(entitlement)/decision", ["approve": true, "answer": "Welcome."])
        #expect(decided["state"] == "active", "\(decided.text)")
        let unpaid: APIAnswer = try await program.post("/v1/compare", pair)
        #expect(unpaid.code == .balanceExhausted, "\(unpaid.text)")
        let account: String = try #require(try await newcomer.get("/v1/account")["account"]["id"].text)
        let paidIn: APIAnswer = try await staff.post(
            "/v1/operator/accounts/\(account)/ledger", ["kind": "top_up", "amount": 1_000_000, "currency": "CNY", "reason": "Transfer 1"])
        #expect(paidIn.status == 201, "\(paidIn.text)")

        // Calls, and repeats a call: one answer, one charge. What fails costs nothing.
        let first: APIAnswer = try await program.send("POST", "/v1/compare", pair, headers: ["Idempotency-Key: one"])
        #expect(first["outcome"] == "match", "\(first.text)")
        let again: APIAnswer = try await program.send("POST", "/v1/compare", pair, headers: ["Idempotency-Key: one"])
        #expect(again.bytes == first.bytes)
        #expect(again[header: "idempotency-replayed"] == "true")
        #expect(again[header: "vultus-record"] == first[header: "vultus-record"])
        let changed: APIAnswer = try await program.send("POST", "/v1/compare", strangers, headers: ["Idempotency-Key: one"])
        #expect(changed.status == 422)
        let cat: APIAnswer = try await program.post("/v1/compare", ["image": try Self.picture("chelsea.png"), "referenceImage": try Self.picture("obama.jpg")])
        #expect(cat.code == .noFace, "\(cat.text)")

        // Checks every cent.
        let month: String = CalendarMonth(served.hub.now()).description
        let statement: APIAnswer = try await newcomer.get("/v1/account/statements/\(month)")
        guard case .array(let lines)? = statement.json["lines"] else { throw Missing(answer: statement.text) }
        #expect(lines.map { $0["units"] } == [2, 1])
        #expect(lines.map { $0["amount"]?["millionths"] } == [0, 15_000])
        let line: String = try #require(lines.last?["line"]?.text)
        let records: APIAnswer = try await newcomer.get("/v1/account/statements/\(month)/records?line=\(line)")
        #expect(records.list("id") == [first[header: "vultus-record"]])
        #expect(try await newcomer.get("/v1/account/balance").items.first?["amount"] == 985_000)
        let sheet: APIAnswer = try await newcomer.get("/v1/account/statements/\(month)?format=csv")
        #expect(sheet.text.split(separator: "\r\n").count == 4, "\(sheet.text)")
        #expect(sheet.text.contains("-0.015,CNY"))
        let page: APIAnswer = try await newcomer.get("/v1/account/statements/\(month)?format=html&language=zh")
        #expect(page[header: "content-type"]?.hasPrefix("text/html") == true)
        #expect(page.text.contains("985") || page.text.contains("0.985"))
        let usage: APIAnswer = try await newcomer.get("/v1/account/usage")
        #expect(usage.items.count { $0["state"] == "settled" } == 3)
        #expect(usage.items.contains { $0["fault"] == "no_face" && $0["units"] == 0 })
        #expect(try await served.hub.verify().flatMap(\.faults) == [])
    }

    private struct Missing: Error { let answer: String }
}
