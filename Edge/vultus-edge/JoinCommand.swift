import ArgumentParser
import EdgeStore
import EdgeSync
import EdgeUpdate
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

            Without a token the device waits until an operator approves it: --wait, with the fingerprint of the hub's authority, which is no \
            secret and the same for all devices (`vultus-hub device waiting`, or the console's page of waiting devices). The device shows its \
            key's fingerprint; the operator sees the same one, compares, and approves or refuses (`vultus-hub device approve`). It asks again every \
            few seconds, after an hour every minute. Started again, it waits on with the same key.

            Examples:
              vultus-edge join https://hub.example:8443 --token vjt_…
              vultus-edge join https://hub.example:8443 --wait --authority 9f2c… --label "North door"

            With --json and --wait, the fingerprint comes first, as an object on a line of its own.
            """)

    @OptionGroup var options: EdgeOptions
    @Argument(help: "https://host:port of the hub.") var hub: String
    @Option(help: "The join token; `-` reads it from standard input, which keeps it out of the shell's history.") var token: String?
    @Flag(help: "Without a token: wait until an operator approves this device.") var wait: Bool = false
    @Option(help: "With --wait: SHA-256 of the hub's authority, 64 hexadecimal digits.") var authority: String?
    @Option(help: "With --wait: minutes after which to give up, with exit code 75; 0 for never.") var patience: Int64 = 1_440
    @Flag(help: "With --wait: ask with another key, as another device than before; for one that was refused.") var newKey: Bool = false
    @Option(help: "What people call this device; the machine's name when left out.") var label: String?
    @Option(
        name: .customLong("release-key"),
        help: "A public release key, `.pub`: releases that it signed may replace programs and models here (`vultus-edge launch`). May be given again.")
    var releaseKeys: [String] = []

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

    private struct Waiting: Encodable {
        let waiting: KeyFingerprint
        let hub: String
        let label: String
    }

    func validate() throws {
        guard (token == nil) == wait else { throw ValidationError("Give --token, or --wait with --authority.") }
        guard (authority == nil) != wait else { throw ValidationError("--wait and --authority belong together: a device must know which hub is meant.") }
        guard wait || !newKey, (0...525_600).contains(patience) else {
            throw ValidationError("--new-key is for --wait, and --patience is 0 to 525600 minutes.")
        }
    }

    func run() async throws {
        try await options.run {
            let store: EdgeStore = try options.openStore(joinsAnew: true)
            if !releaseKeys.isEmpty {
                let folder = UpdateFolder(UpdateFolder.path(in: options.directory))
                try folder.prepare()
                for key in releaseKeys { _ = try folder.trust(key) }
            }
            let identity: DeviceIdentity = try await identity(store)
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

    private func identity(_ store: EdgeStore) async throws -> DeviceIdentity {
        let (enrolment, label): (DeviceEnrolment, String) = (DeviceEnrolment(store: store), label ?? Self.machineName)
        guard let authority else {
            let secret: String? = token == "-" ? readLine(strippingNewline: true) : token
            return try await enrolment.join(hub: hub, token: secret ?? "", label: label)
        }
        let (json, hub): (Bool, String) = (options.json, hub)
        return try await enrolment.wait(
            hub: hub, authority: authority, label: label, model: MachineModel.name, withNewKey: newKey,
            patience: patience == 0 ? .seconds(Int64.max >> 20) : .seconds(patience * 60)
        ) { news in
            switch news {
            case .waits(let fingerprint) where json: try? CommandReport.json(Waiting(waiting: fingerprint, hub: hub, label: label))
            case .waits(let fingerprint):
                CommandReport.line("This device's key: \(fingerprint)")
                CommandReport.line("It waits at \(hub) as “\(label)” until an operator has compared the key and approved it.")
            case .unanswered(let problem): Terminal.note("\(problem.title) \(problem.detail). Asking again.")
            }
        }
    }

    private static var machineName: String {
        var buffer = [CChar](repeating: 0, count: 101)
        gethostname(&buffer, 100)
        let name = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return name.isEmpty ? "device" : name
    }
}
