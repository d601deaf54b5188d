import Foundation
import Simulation
import TestKit
import Testing
import WireModel

@Suite("A device that was dark for 400 days", .serialized)
struct DarkDeviceTests {
    private struct Status: Decodable {
        let acknowledgedThrough: Int64
        let journalEntries: Int64
    }

    private struct InvoiceLines: Decodable {
        struct Line: Decodable {
            let api: APIName
            let units: Int64
            let overdraftUnits: Int64
            let unitPrice: Amount
            let amount: Amount
        }

        struct Amount: Decodable {
            let millionths: Int64
        }

        let lines: [Line]
    }

    @Test("it syncs completely over a network that is cut a hundred times, and every use is billed at the price of its day")
    func returns() async throws {
        let entries: Int64 = SimulationProgram.count(1_000_000)
        let cuts: Int = SimulationProgram.isThere ? 100 : 10
        let seed: UInt64 = SeededGenerator.wantedSeed
        var random = SeededGenerator(seed: seed)
        let world = try World(.sqlite)
        let books: DarkDevice.Books = try await prepare(world.folder, entries: entries)
        try await world.startHub()
        let proxy = try ChaosProxy(to: world.hub!.port)
        try DarkDevice.setHub(proxy.url, in: world.folder)

        // An entry takes some 50 bytes compressed: the cuts lie in the first half of the way.
        let reach: Int = max(4_000, Int(entries) / cuts * 50)
        var isComplete: Bool = false
        while proxy.hits < cuts, !isComplete {
            let direction: ChaosProxy.Direction = Int.random(in: 0..<5, using: &random) == 0 ? .down : .up
            let position: Int = Int.random(in: 0...(direction == .up ? reach : reach / 10), using: &random)
            proxy.arm(Bool.random(using: &random) ? .truncate(direction, after: position) : .reset(direction, after: position))
            isComplete = try await world.edge(["sync"]).status == 0
        }
        proxy.arm(.pass)
        let last = try await world.edge(["sync"])
        print("NOTICE: dark device of seed \(seed): \(entries) entries over \(proxy.hits) cuts")
        #expect(last.status == 0, "seed \(seed): \(last.errors)")
        #expect(proxy.hits >= cuts, "seed \(seed)")
        try await compare(world, books)
    }

    private func prepare(_ folder: String, entries: Int64) async throws -> DarkDevice.Books {
        guard SimulationProgram.isThere else { return try await DarkDevice.prepare(in: folder, entries: entries) }
        return try await SimulationProgram.run(DarkDevice.Books.self, ["dark", "--folder", folder, "--entries", "\(entries)"])
    }

    private func status(_ world: World) async throws -> Status {
        try JSON.value(Status.self, from: try await world.edge(["status"]).output)
    }

    private func compare(_ world: World, _ books: DarkDevice.Books) async throws {
        let state: Status = try await status(world)
        #expect(state.acknowledgedThrough == state.journalEntries)
        #expect(state.journalEntries >= books.entries)
        let invoice: InvoiceLines = try JSON.value(
            InvoiceLines.self, from: try await world.operate("invoice", World.account, "--from", "2000-01-01", "--to", "2100-01-01").output)
        #expect(books.lines.count > 8)
        for line in books.lines {
            // By the price alone: two days may have the same.
            let billed = invoice.lines.filter { $0.api == line.api && $0.unitPrice.millionths == line.unitPrice }
            let wanted = books.lines.filter { $0.api == line.api && $0.unitPrice == line.unitPrice }
            #expect(billed.reduce(0) { $0 + $1.units } == wanted.reduce(0) { $0 + $1.units }, "\(line.api) at \(line.unitPrice)")
            #expect(billed.reduce(0) { $0 + $1.amount.millionths } == wanted.reduce(0) { $0 + $1.amount }, "\(line.api) at \(line.unitPrice)")
        }
        #expect(invoice.lines.reduce(0) { $0 + $1.units } == books.units)
        #expect(invoice.lines.reduce(0) { $0 + $1.amount.millionths } == books.amount)
        #expect(invoice.lines.allSatisfy { $0.overdraftUnits == 0 })
        await world.stopHub()
        let check: Outcome = try await world.operate("database", "verify")
        #expect(check.status == 0, "\(check.output) \(check.errors)")
    }
}
