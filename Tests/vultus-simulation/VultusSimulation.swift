import ArgumentParser
import Foundation
import ServiceSupport
import Simulation

/// Seeds by the ten thousand want an optimised program: `SimulationTests` runs this one where it was built.
@main
struct VultusSimulation: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vultus-simulation", abstract: "Devices and a hub, whose clocks, network and disks are played with, against an oracle.",
        subcommands: [SeedsCommand.self, RepeatsCommand.self, DarkCommand.self, FleetCommand.self])
}

struct SeedsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "seeds", abstract: "Play seeds, on all cores.")

    @Option(help: "What happens: \(SimulationMix.all.map(\.name).joined(separator: ", ")).") var mix: String = SimulationMix.everything.name
    @Option(help: "The first seed.") var first: UInt64 = 0
    @Option(help: "How many.") var count: UInt64 = 1
    @Option(help: "No seed is begun after so many seconds.") var seconds: Int?
    @Option(help: "A fault to plant, by name; ends at the first seed that finds it.") var planted: String?
    @Flag(help: "Tell each step of one seed.") var trace: Bool = false
    @Flag(help: "One JSON object.") var json: Bool = false

    func run() async throws {
        guard let mix = SimulationMix.all.first(where: { $0.name == mix }) else { throw ValidationError("There is no mix \(mix).") }
        let fault: PlantedFault? = PlantedFault.all.first { $0.name == planted }
        guard planted == nil || fault != nil else { throw ValidationError("There is no such fault.") }
        let crew = try await SimulationCrew(mix)
        if trace {
            let outcome: Simulation.Outcome = try await crew.replay(first, planted: fault)
            CommandReport.line(outcome.violations.isEmpty ? "no violation" : outcome.violations.joined(separator: "\n"))
            if !outcome.violations.isEmpty { throw ExitCode.failure }
            return
        }
        let result: SimulationCrew.Result = try await crew.run(
            first..<first + count, planted: fault, limit: seconds.map { .seconds($0) }, stopsAtFailure: fault != nil)
        if json { return try CommandReport.json(result) }
        for failure in result.failures { CommandReport.line(failure.report) }
        CommandReport.line(result.summary)
        if !result.failures.isEmpty { throw ExitCode.failure }
    }
}

struct RepeatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repeats", abstract: "A long journal whose requests arrive two to ten times and overtake each other.")

    @Option(help: "The seed.") var seed: UInt64 = 0
    @Option(help: "Entries of the journal.") var entries: Int64 = 10_000
    @Flag(help: "One JSON object.") var json: Bool = false

    func run() async throws {
        let result: RepeatedDelivery.Result = try await RepeatedDelivery(seed: seed, entries: entries).run()
        if json { return try CommandReport.json(result) }
        CommandReport.line("\(result.entries) entries, \(result.deliveries) deliveries, \(result.duplicates) duplicates; \(result.violations)")
        if !result.violations.isEmpty { throw ExitCode.failure }
    }
}

struct DarkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dark", abstract: "Make a hub, and a device that has been away for \(DarkDevice.days) days; print what it recorded.")

    @Option(help: "Where `hub` and `edge` are made.") var folder: String
    @Option(help: "Entries of the journal.") var entries: Int64 = 100_000
    @Option(help: "Only tell the device that its hub is at this address.") var hub: String?

    func run() async throws {
        if let hub { return try DarkDevice.setHub(hub, in: folder) }
        try CommandReport.json(try await DarkDevice.prepare(in: folder, entries: entries))
    }
}

struct FleetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fleet", abstract: "Devices that say that they are there, over mutual TLS.",
        discussion: """
            With --make N a hub and N devices that have joined it are made in the folder. Otherwise they speak to their hub, which `vultus-hub serve` serves \
            from that folder. Each line on standard input ends a span, whose figures are printed; the end of it ends the run.
            """)

    @Option(help: "Where `hub` and `fleet.json` are.") var folder: String
    @Option(help: "Make so many devices.") var make: Int?
    @Option(help: "The port of the hub on 127.0.0.1.") var port: Int = 8443
    @Option(help: "Seconds between two heartbeats.") var interval: Int = 60

    func run() async throws {
        if let make {
            return try await BeatingFleet.make(in: folder, devices: make, heartbeat: .seconds(interval)) { Terminal.note("\($0) of \(make) devices") }
        }
        let fleet: BeatingFleet = try .load(from: folder)
        let (lines, input) = AsyncStream.makeStream(of: Void.self)
        Thread.detachNewThread {
            // Not `readLine`, which holds the lock of standard input that flushing everything wants.
            var byte: UInt8 = 0
            while read(STDIN_FILENO, &byte, 1) == 1 { if byte == UInt8(ascii: "\n") { input.yield() } }
            input.finish()
        }
        try await fleet.beat(at: "127.0.0.1", port, every: .seconds(interval)) { tally in
            for await _ in lines { try CommandReport.json(tally.turn()) }
        }
    }
}
