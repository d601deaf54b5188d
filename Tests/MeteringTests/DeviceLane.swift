import Crypto
import CurlTransfer
import HubAPI
import HubDomain
import RecognitionAPI
import ServiceSupport
import TestKit
import WireModel

/// One device, which uses what it holds and reports it, late, and sometimes twice.
struct DeviceLane {
    private let oracle: Oracle
    private let device: PlayedFleetDevice
    private var random: SeededGenerator
    private var acknowledged: Int = 0

    init(_ world: OracleWorld, _ oracle: Oracle, token: String, random: SeededGenerator) async throws {
        (self.oracle, self.random) = (oracle, random)
        let key = P256.Signing.PrivateKey()
        let visitor = try APIClient(world.urls[0], authority: world.authority)
        let joined: APIAnswer = try await visitor.send(
            "POST", Routes.enrol, bytes: try JSON.bytes(try PlayedFleetDevice.request(token, key: key)), headers: ["Content-Type: application/json"])
        guard joined.status == 201 else { throw OracleWorld.Unprepared(answer: joined.text) }
        let answer: EnrolmentResponse = try JSON.value(EnrolmentResponse.self, from: joined.bytes)
        let credential = TransferCredential(certificate: Array(answer.certificate.utf8), key: Array(key.pemRepresentation.utf8))
        let clients: [APIClient] = try world.urls.map { try APIClient($0, authority: world.authority, credential: credential) }
        device = PlayedFleetDevice(
            id: answer.device, api: .compare, key: key, clock: SystemClock(),
            leaseKey: try Curve25519.Signing.PublicKey(rawRepresentation: answer.leaseKey.bytes)
        ) { request in
            let body: [UInt8] = try JSON.bytes(request)
            while true {
                for client in clients.shuffled() {
                    guard let answer = try? await client.send("POST", Routes.sync, bytes: body, headers: ["Content-Type: application/json"]) else { continue }
                    if answer.status == 200 { return try JSON.value(SyncResponse.self, from: answer.bytes) }
                    await oracle.note("sync answered \(answer.status)")
                }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    mutating func run(_ operations: Int) async throws {
        for _ in 0..<operations {
            if Int.random(in: 0..<100, using: &random) < 70 {
                // Used offline, several of them, before any is reported.
                for _ in 0..<min(device.rest, Int64.random(in: 0...6, using: &random)) { device.use() }
                try await report()
                await oracle.finish("journal batch")
            } else {
                try await repeatSome()
                await oracle.finish("journal batch sent before")
            }
        }
        try await report()
    }

    private mutating func report() async throws {
        try check(try await device.sync(Array(device.journal.dropFirst(acknowledged))))
        await oracle.chargeDevice(Int64(device.journal.count - acknowledged))
        acknowledged = device.journal.count
    }

    /// A stretch of the journal that the hub has, alone or with what is new after it.
    private mutating func repeatSome() async throws {
        guard acknowledged > 0 else { return }
        let from: Int = Int.random(in: max(0, acknowledged - 40)..<acknowledged, using: &random)
        if Bool.random(using: &random), device.rest > 0 { device.use() }
        try check(try await device.sync(Array(device.journal[from...])))
        await oracle.chargeDevice(Int64(device.journal.count - acknowledged))
        acknowledged = device.journal.count
    }

    private func check(_ answer: SyncResponse) throws {
        if let bad = answer.answers.first(where: { $0.outcome == .rejected }) {
            throw OracleWorld.Unprepared(answer: "entry \(bad.seq) was rejected: \(bad.code?.rawValue ?? "")")
        }
    }
}
