import ArgumentParser
import EdgeStore
import EdgeSync
import Glibc
import ServiceSupport
import WireModel

struct JoinCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "join", abstract: "Make this machine a device of an account at a hub.",
        discussion: """
            The token comes from the operator (`vultus-hub device token`), works once and for minutes. It carries the fingerprint of the \
            hub's authority: a hub that is not the one meant gets nothing. The key is made here and stays here. A join that was cut off is \
            taken up again by the same command. At the end the device syncs once, to fetch its leases and galleries.
            """)

    @OptionGroup var options: EdgeOptions
    @Argument(help: "https://host:port of the hub.") var hub: String
    @Option(help: "The join token; `-` reads it from standard input, which keeps it out of the shell's history.") var token: String
    @Option(help: "What people call this device; the machine's name when left out.") var label: String?

    private struct Answer: Encodable {
        let device: DeviceID
        let account: AccountID
        let hub: String
        let leases: [APIName]
        let refusals: [LeaseRefusal]
        /// Of the hub's, by name.
        let galleries: [String]
        let changes: Int
    }

    func run() async throws {
        try await options.run {
            let secret: String = token == "-" ? (readLine(strippingNewline: true) ?? "") : token
            let store: EdgeStore = try options.openStore()
            let identity: DeviceIdentity = try await DeviceEnrolment(store: store).join(hub: hub, token: secret, label: label ?? Self.machineName)
            let report: SyncReport = try await HubSync(store: store).run()
            let leases: [LeaseState] = try store.leases()
            let answer = Answer(
                device: identity.device, account: identity.account, hub: identity.hub, leases: leases.map(\.lease.api), refusals: try store.leaseRefusals(),
                galleries: try store.heldGalleries().map(\.name), changes: report.changes)
            if options.json { return try CommandReport.json(answer) }
            CommandReport.line("Joined \(answer.hub) as \(answer.device)")
            for state in leases { CommandReport.line("Lease for \(state.lease.api): \(state.remaining.counted("unit")) until \(state.lease.notAfter)") }
            for name in answer.galleries { CommandReport.line("Gallery of the hub's: \(name)") }
            for refusal in answer.refusals { Terminal.note("No lease for \(refusal.api): \(refusal.code.rawValue)") }
        }
    }

    private static var machineName: String {
        var buffer = [CChar](repeating: 0, count: 101)
        gethostname(&buffer, 100)
        let name = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return name.isEmpty ? "device" : name
    }
}
