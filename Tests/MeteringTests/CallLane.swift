import CurlTransfer
import Foundation
import HubAPI
import HubDomain
import RecognitionAPI
import ServiceSupport
import TestKit
import WireModel

/// One program that calls, over whichever hub it reaches, one call after the other.
struct CallLane {
    private let world: OracleWorld
    private let oracle: Oracle
    private let name: String
    private let clients: [APIClient]
    /// For calls without a key: libcurl would send one again by itself when a kept connection turns out to be dead.
    private let single: [APIClient]
    private var random: SeededGenerator
    private var number: Int = 0

    init(_ world: OracleWorld, _ oracle: Oracle, name: String, random: SeededGenerator) async throws {
        (self.world, self.oracle, self.name, self.random) = (world, oracle, name, random)
        clients = try await world.clients()
        single = try await world.clients()
        for client in single { await client.send(always: ["Connection: close"]) }
    }

    mutating func run(_ operations: Int) async throws {
        for _ in 0..<operations {
            number += 1
            switch Int.random(in: 0..<100, using: &random) {
            case ..<45: try await keyed()
            case ..<65: try await unkeyed()
            case ..<75: try await failing()
            case ..<90: try await again()
            default: try await otherBody()
            }
        }
    }

    /// - Parameter probe: a template that is not there.
    private mutating func keyed(probe: String? = nil) async throws {
        let call = Oracle.Call(key: "\(name)-\(number)", body: world.body(Bool.random(using: &random), probe: probe), answer: [])
        try await settle(call)
        await oracle.finish("call with a key")
    }

    /// Sends it until it is answered or refused; one whose claim is in a dead hub's hands is left for later.
    mutating func settle(_ call: Oracle.Call) async throws {
        for _ in 0..<8 {
            let hub: Int = Int.random(in: 0..<clients.count, using: &random)
            guard let answer = try await send(call.body, key: call.key, through: clients[hub]) else { continue }
            switch answer.status {
            case 200:
                guard let units = answer[header: "vultus-units"].flatMap(Int64.init) ?? replayedUnits(answer) else {
                    return await oracle.contradict("\(call.key): an answer without its units")
                }
                await oracle.charge(units)
                return await oracle.keep(Oracle.Call(key: call.key, body: call.body, answer: answer.bytes))
            case 409: return await oracle.postpone(call)
            case 402, 403, 404, 429: return await oracle.note("refused: \(answer.code?.rawValue ?? "")")
            default: await oracle.note("answered \(answer.status)")
            }
        }
        await oracle.postpone(call)
    }

    /// A repetition's answer names no units: one is what every answered comparison costs.
    private func replayedUnits(_ answer: APIAnswer) -> Int64? { answer[header: "idempotency-replayed"] == "true" ? 1 : nil }

    private mutating func unkeyed() async throws {
        let hub: Int = Int.random(in: 0..<single.count, using: &random)
        let answer: APIAnswer? = try await send(world.body(Bool.random(using: &random)), key: nil, through: single[hub])
        if let answer, answer.status < 500 {
            if answer.status == 200 { await oracle.charge(answer[header: "vultus-units"].flatMap(Int64.init) ?? 0) }
        } else {
            await oracle.doubt()
        }
        await oracle.finish("call without a key")
    }

    /// What is not there cannot be compared, and costs nothing.
    private mutating func failing() async throws {
        let probe: String = TemplateID(at: SystemClock().now().wall).rawValue
        if Bool.random(using: &random) { return try await keyed(probe: probe) }
        let hub: Int = Int.random(in: 0..<single.count, using: &random)
        if let answer = try await send(world.body(false, probe: probe), key: nil, through: single[hub]), answer.status == 200 {
            await oracle.contradict("\(probe) was compared")
        }
        await oracle.finish("failing call")
    }

    /// A repetition gets the very answer.
    private mutating func again() async throws {
        if let call = await oracle.answered.randomElement(using: &random) {
            let hub: Int = Int.random(in: 0..<clients.count, using: &random)
            if let answer = try await send(call.body, key: call.key, through: clients[hub]), answer.status < 500, answer.code != .rateLimited {
                let isSame: Bool = answer.bytes == call.answer && answer[header: "idempotency-replayed"] == "true"
                if !isSame { await oracle.contradict("\(call.key) was answered otherwise: \(answer.status) \(answer.text)") }
            }
        }
        await oracle.finish("repetition")
    }

    /// Another request in the name of one that was answered.
    private mutating func otherBody() async throws {
        if let call = await oracle.answered.randomElement(using: &random) {
            let hub: Int = Int.random(in: 0..<clients.count, using: &random)
            let other: String = call.body == world.body(true) ? world.body(false) : world.body(true)
            if let answer = try await send(other, key: call.key, through: clients[hub]), answer.status < 500, answer.code != .idempotencyMismatch {
                await oracle.contradict("\(call.key) took another body: \(answer.status) \(answer.text)")
            }
        }
        await oracle.finish("another body under a key")
    }

    /// - Returns: `nil` when the answer was lost.
    private func send(_ body: String, key: String?, through client: APIClient) async throws -> APIAnswer? {
        let lines: [String] = ["Authorization: Bearer \(world.key)", "Content-Type: application/json"] + (key.map { ["Idempotency-Key: \($0)"] } ?? [])
        while true {
            do {
                return try await client.send("POST", "/v1/compare", bytes: Array(body.utf8), headers: lines)
            } catch CurlTransferError.couldNotConnect where key == nil {
                // Nothing was sent; the hub is on its way back.
                try await Task.sleep(for: .milliseconds(20))
            } catch is CurlTransferError {
                await oracle.note("answer lost")
                try await Task.sleep(for: .milliseconds(20))
                return nil
            }
        }
    }
}
