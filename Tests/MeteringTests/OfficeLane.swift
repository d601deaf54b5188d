import CurlTransfer
import HubAPI
import HubDomain
import RecognitionAPI
import TestKit
import WireModel

/// The account's owner and the provider's staff: money, packs, quota and pauses, one after the other. What was done when an
/// answer is lost, is looked up by its reference.
struct OfficeLane {
    private let world: OracleWorld
    private let oracle: Oracle
    private let owner: [APIClient]
    private let staff: [APIClient]
    private var random: SeededGenerator
    private var number: Int = 0
    private var purchases: Int = 0
    private var quota: Int64
    /// Payments, and what is left of each after corrections.
    private var payments: [(id: String, left: Int64)] = []

    init(_ world: OracleWorld, _ oracle: Oracle, quota: Int64, random: SeededGenerator) async throws {
        (self.world, self.oracle, self.quota, self.random) = (world, oracle, quota, random)
        owner = try await world.clients(world.owner)
        staff = try await world.clients(world.staff, side: .operator)
    }

    mutating func run(_ operations: Int) async throws {
        for _ in 0..<operations {
            number += 1
            switch Int.random(in: 0..<100, using: &random) {
            case ..<35: try await pay(Int64.random(in: 1...40, using: &random) * 10_007)
            case ..<50: try await buy()
            case ..<60: try await correct()
            case ..<65: try await book("compensation", 12_345)
            case ..<70: try await book("refund", -1_003)
            case ..<90: try await raise(by: Int64.random(in: 5...40, using: &random))
            default: try await pauseAndResume()
            }
            await oracle.finish("office")
        }
    }

    mutating func pay(_ amount: Int64) async throws {
        number += 1
        if let id = try await book("top_up", amount) { payments.append((id, amount)) }
    }

    /// - Returns: the entry's id; `nil` when it was refused.
    @discardableResult
    private mutating func book(_ kind: String, _ amount: Int64, corrects: String? = nil) async throws -> String? {
        let reference: String = "office-\(number)"
        var order: [String: JSONValue] = [
            "kind": .string(kind), "amount": .integer(amount), "currency": "CNY", "reason": "oracle", "reference": .string(reference),
        ]
        if let corrects { order["corrects"] = .string(corrects) }
        let path: String = "/v1/operator/accounts/\(world.account)/ledger"
        while true {
            guard let answer = try await send("POST", path, .object(order), through: staff) else {
                if let id = try await booked(reference) {
                    await oracle.move(amount)
                    return id
                }
                continue
            }
            if answer.status == 201 { await oracle.move(amount) } else { await oracle.note("office refused: \(answer.code?.rawValue ?? "")") }
            return answer.status == 201 ? answer["id"].text : nil
        }
    }

    private mutating func booked(_ reference: String) async throws -> String? {
        let entries: [JSONValue] = try await look("/v1/operator/accounts/\(world.account)/ledger?limit=500", through: staff)
        return entries.first { $0["reference"]?.text == reference }?["id"]?.text
    }

    private mutating func buy() async throws {
        while true {
            let answer: APIAnswer? = try await send("POST", "/v1/account/purchases", ["product": .string(world.product)], through: owner)
            if answer?.status == 402 { return await oracle.note("office refused: balance_exhausted") }
            let count: Int = try await look("/v1/account/purchases", through: owner).count
            guard count > purchases else { continue }
            purchases += 1
            if count != purchases { await oracle.contradict("\(count) purchases, \(purchases) made") }
            return await oracle.bought(units: OracleWorld.packSize, for: OracleWorld.packPrice)
        }
    }

    private mutating func correct() async throws {
        guard let index = payments.indices.randomElement(using: &random), payments[index].left > 1 else { return }
        let amount: Int64 = Int64.random(in: 1...payments[index].left / 2, using: &random)
        if try await book("correction", -amount, corrects: payments[index].id) != nil { payments[index].left -= amount }
    }

    mutating func raise(by units: Int64) async throws {
        quota += units
        let body: JSONValue = ["api": "face.compare", "units": .integer(quota), "period": "total"]
        while try await send("PUT", "/v1/operator/accounts/\(world.account)/quotas", body, through: staff)?.status != 200 {}
    }

    private mutating func pauseAndResume() async throws {
        let path: String = "/v1/account/entitlements/\(world.entitlement)"
        _ = try await send("POST", path + "/pause", nil, through: owner)
        _ = try await send("POST", path + "/resume", nil, through: owner)
        // Whatever of it was lost on the way: in the end it is in use.
        while try await look("/v1/account/entitlements", through: owner).contains(where: { $0["state"]?.text == "paused" }) {
            _ = try await send("POST", path + "/resume", nil, through: owner)
        }
    }

    private mutating func look(_ path: String, through clients: [APIClient]) async throws -> [JSONValue] {
        while true {
            if let answer = try await send("GET", path, nil, through: clients), answer.status == 200 { return answer.items }
        }
    }

    /// - Returns: `nil` when the answer was lost, or told of a fault of the hub's own.
    private mutating func send(_ method: String, _ path: String, _ body: JSONValue?, through clients: [APIClient]) async throws -> APIAnswer? {
        let client: APIClient = clients[Int.random(in: 0..<clients.count, using: &random)]
        do {
            let answer: APIAnswer = try await client.send(method, path, body, headers: ["Connection: close"])
            if answer.status < 500 { return answer }
            await oracle.note("office answered \(answer.status)")
        } catch is CurlTransferError {}
        try await Task.sleep(for: .milliseconds(20))
        return nil
    }
}
