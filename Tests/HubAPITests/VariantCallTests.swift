import Foundation
import HubDomain
import RecognitionAPI
import ServiceSupport
import TestKit
import Testing
import WireModel

@Suite("Calls answered as a variant", .enabled(if: FileManager.default.fileExists(atPath: World.pictures + "/obama.jpg"), "the demo pictures are not set up"))
struct VariantCallTests {
    private static func picture(_ name: String) throws -> JSONValue {
        .string(try Data(contentsOf: URL(filePath: World.pictures + "/" + name)).base64EncodedString())
    }

    @Test("an account's variant answers in its own form, at its own price and allowance; nobody else has it")
    func served() async throws {
        let served = try await ServedHub()
        let account: Account = try await served.enterprise("Acme", domain: "acme.example")
        let stranger: Account = try await served.enterprise("Other", domain: "other.example")
        let (owner, staff) = (try await served.member("owner@acme.example"), try await served.staff(.administrator))
        let (key, strangersKey) = (try await served.key(of: account), try await served.key(of: stranger))
        try await served.hub.grant(.compare, to: strangersKey.key.application, of: stranger)
        let definition: JSONValue = [
            "format": "csv", "fields": [["name": "verdict", "from": "outcome"], ["name": "points", "from": "score", "unit": "percent", "decimals": 1]],
        ]
        let asked: APIAnswer = try await owner.post(
            "/v1/account/customisations", ["base": "face.compare", "name": "acme-gate", "words": "CSV for our gate.", "expectedMonthly": 100])
        #expect(asked.status == 201, "\(asked.text)")
        let quoted: APIAnswer = try await staff.post(
            "/v1/operator/customisations/\(asked["id"].text ?? "")/quotes",
            [
                "api": "face.compare.acme-gate", "definition": definition, "unitPrice": "0.02", "currency": "CNY", "monthlyAllowance": 1, "monthlyQuota": 3,
                "words": "As discussed.", "validUntil": .string("\(served.hub.now().advanced(by: .seconds(86_400)))"),
            ])
        #expect(quoted.status == 201, "\(quoted.text)")
        guard case .array(let quotes)? = quoted.json["quotes"] else { return }
        let accepted: APIAnswer = try await owner.post(
            "/v1/account/customisations/\(asked["id"].text ?? "")/accept", ["quote": quotes.first?["id"] ?? .null])
        #expect(accepted.status == 200, "\(accepted.text)")
        _ = try await served.hub.book(
            MoneyOrder(kind: .topUp, amount: try Money("1", currency: "CNY"), reason: "t"), account: account.id.rawValue, by: .test)

        let program: APIClient = try served.visitor()
        let pair: JSONValue = ["image": try Self.picture("obama2.jpg"), "referenceImage": try Self.picture("obama.jpg")]
        func call(_ key: IssuedKey, _ variant: String?) async throws -> APIAnswer {
            try await program.send(
                "POST", "/v1/compare", pair, headers: ["Authorization: Bearer \(key.secret)"] + (variant.map { ["Vultus-Variant: \($0)"] } ?? []))
        }
        let first: APIAnswer = try await call(key, "acme-gate")
        #expect(first[header: "content-type"]?.hasPrefix("text/csv") == true)
        let rows: [Substring] = first.text.split(separator: "\r\n")
        #expect(rows.first == "verdict,points")
        #expect(rows.last?.hasPrefix("match,") == true, "\(first.text)")
        #expect(try await call(key, "face.compare.acme-gate").status == 200)
        #expect(try await call(key, nil).code == .notApplied)
        #expect(try await call(key, "other").status == 404)
        #expect(try await call(strangersKey, "acme-gate").status == 404)
        #expect(try await call(key, "acme-gate").status == 200)
        #expect(try await call(key, "acme-gate").code == .quotaExhausted)
        let statement: Statement = try await served.hub.statement(account.id, month: CalendarMonth(served.hub.now()))
        #expect(statement.lines.map(\.api.rawValue) == ["face.compare.acme-gate"])
        #expect(statement.lines.map(\.units) == [3])
        #expect(statement.lines.map(\.amount.millionths) == [40_000])
        #expect(try await served.hub.verify().flatMap(\.faults) == [])
    }
}
