import ArgumentParser
import HubDomain
import ServiceSupport
import WireModel

extension FleetDevice.Condition: ExpressibleByArgument {}
extension RemoteCommandKind: ExpressibleByArgument {}

/// The devices as a fleet: what is wanted of them, and what they say.
extension DeviceCommand {
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The devices, with how each is.",
            discussion: """
                STATE is one word: well; troubled (its health report names a state, see `device show`); drifting (it does not work by what is wanted \
                of it, yet); paused; silent (no contact for three of its intervals, five minutes at least); never (it has not synced yet); \
                quarantined; revoked; stolen.

                Examples:
                  vultus-hub device list --group entrance --state silent --state troubled
                  vultus-hub device list --label site=north --label floor
                """)
        @OptionGroup var options: HubOptions
        @Option(help: "Only of this account, by name or id.") var account: String?
        @Option(help: "Only of this group, by name or id.") var group: String?
        @Option(name: .customLong("label"), help: "Only with this label, NAME or NAME=VALUE; may be given again.") var labels: [String] = []
        @Option(name: .customLong("state"), help: "Only in this state; may be given again.") var states: [FleetDevice.Condition] = []
        @Option(help: "Only with this in its name.") var text: String?
        @Option(name: .customLong("agent"), help: "Only with this version of the agent.") var version: String?
        @Flag(help: "Only those that do not work by what is wanted of them, whatever else is to be said of them.") var drifted: Bool = false

        func run() async throws {
            try await options.run { hub in
                var filter = FleetFilter()
                (filter.account, filter.group, filter.labels, filter.conditions, filter.text) = (account, group, labels, Set(states), text)
                (filter.version, filter.hasDrifted) = (version, drifted ? true : nil)
                try options.show(try await hub.fleet(filter)) { devices in
                    var table = TextTable(["DEVICE", "NAME", "STATE", "LAST CONTACT", "GROUP", "AGENT", "JOURNAL", "CLOCK"], alignedRight: [6])
                    for fleet in devices {
                        let device: Device = fleet.device
                        table.append([
                            device.id.rawValue, device.label, device.quarantine.map { "barred: \($0.rawValue)" } ?? fleet.condition.rawValue,
                            device.contact.map { "\($0)" } ?? "never", fleet.groupName ?? "none", device.agentVersion, "\(device.journalEntries)",
                            abs(device.clockSkewMilliseconds) > SyncLimits.clockTolerance ? "\(device.clockSkewMilliseconds / 1000) s off" : "ok",
                        ])
                    }
                    guard table.isEmpty else { return table.text }
                    return account == nil && group == nil && labels.isEmpty && states.isEmpty && text == nil && version == nil && !drifted
                        ? "No devices yet. Make a token: vultus-hub device token ACCOUNT" : "No device is like that."
                }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "One device: what is wanted of it, what it reports, its health and its commands.",
            discussion: "Example:\n  vultus-hub device show dev_…")
        @OptionGroup var options: HubOptions
        @Argument(help: "The device's id.") var device: String

        private struct Answer: Encodable {
            let device: FleetDevice
            let commands: [IssuedCommand]
        }

        func run() async throws {
            try await options.run { hub in
                let id: DeviceID = try DeviceCommand.id(device)
                let fleet: FleetDevice = try await hub.fleetDevice(id)
                let commands: [IssuedCommand] = try await hub.commands(of: id, limit: 10)
                let now: Timestamp = hub.now()
                try options.show(Answer(device: fleet, commands: commands)) { _ in
                    Self.text(fleet) + (commands.isEmpty ? "" : "\n\n" + Commands.text(commands, now))
                }
            }
        }

        /// What was told, and no line for what was not.
        private static func lines(_ vitals: DeviceVitals) -> [String] {
            let machine: [String?] = [
                vitals.celsius.map { "\(HealthText.number($0)) °C" }, vitals.processorShare.map { "processor \(Int($0 * 100)) %" },
                vitals.memoryShare.map { "memory \(Int($0 * 100)) %" }, vitals.residentBytes.map { "agent \($0 >> 20) MiB" },
            ]
            let cameras: [String] = (vitals.cameras ?? []).map { camera in
                "camera        \(camera.name): \(camera.problem ?? camera.rate.map { "\(HealthText.number($0)) frames/s" } ?? "not streaming")"
                    + (camera.lost > 0 ? ", \(camera.lost) lost" : "")
            }
            let waiting: String? = vitals.unsentEntries.map {
                "waiting       \($0.counted("entry", "entries"))" + (vitals.lagMilliseconds.map { $0 > 0 ? ", the oldest for \($0 / 1_000) s" : "" } ?? "")
            }
            let lease: String? = vitals.leaseShare.map { "lease         \(Int($0 * 100)) % left" + (vitals.leaseEnds.map { ", until \($0)" } ?? "") }
            let words: [String] = machine.compactMap { $0 }
            return (words.isEmpty ? [] : ["machine       " + words.joined(separator: ", ")]) + cameras + [waiting, lease].compactMap { $0 }
        }

        static func text(_ fleet: FleetDevice) -> String {
            let device: Device = fleet.device
            var lines: [String] = ["\(device.id)  \(device.label)", "state         \(fleet.condition.rawValue)"]
            if let quarantine = device.quarantine { lines.append("barred        \(quarantine.rawValue)") }
            if let heir = fleet.replacedBy { lines.append("replaced by   \(heir)") }
            lines.append("account       \(device.account)")
            lines.append("group         \(fleet.groupName ?? "none")")
            if !fleet.labels.isEmpty { lines.append("labels        " + fleet.labels.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: ", ")) }
            lines.append("last contact  \(device.contact.map { "\($0)" } ?? "never")")
            lines.append("agent         \(device.agentVersion)")
            lines.append("journal       \(device.journalEntries.counted("entry", "entries")), epoch \(device.journalEpoch)")
            if let health = fleet.health, let at = fleet.healthAt {
                lines.append(
                    "health        \(health.states.joined(separator: ", ")), \(at); \(health.freeBytes >> 20) MiB free, store \(health.storeBytes >> 20) MiB")
                if let vitals = health.vitals { lines += Self.lines(vitals) }
                if let decisions = health.decisions {
                    lines.append(
                        "decisions     \(decisions.count) since the report before, median \(decisions.medianMilliseconds) ms, p99 \(decisions.p99Milliseconds) ms"
                    )
                }
            }
            let drift: String =
                switch fleet.hasDrifted {
                case nil: "not reported yet"
                case false?: "works by what is wanted of it"
                case true?: "does not work by what is wanted of it yet"
                }
            lines.append("configuration \(drift); version \(fleet.wanted.version)\(fleet.overrides == nil ? "" : ", with settings of its own")")
            if let ends = fleet.reported?.certificateEnds { lines.append("certificate   until \(ends)") }
            return lines.joined(separator: "\n")
        }
    }

    struct Label: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Name a device, and give it labels to find it by.",
            discussion: """
                Examples:
                  vultus-hub device label DEVICE --name "North door" site=north floor=2
                  vultus-hub device label DEVICE --remove floor
                """)
        @OptionGroup var options: HubOptions
        @Argument(help: "The device's id.") var device: String
        @Argument(help: "NAME=VALUE.") var labels: [String] = []
        @Option(help: "What people call the device.") var name: String?
        @Option(help: "A label to take away; may be given again.") var remove: [String] = []

        func run() async throws {
            try await options.run { hub in
                var wanted: [String: String?] = [:]
                for label in labels {
                    let parts: [Substring] = label.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                    guard parts.count == 2 else {
                        throw Problem(.invalidRequest, "That is no label.", detail: label, remedy: "Write NAME=VALUE, or --remove NAME.")
                    }
                    wanted[String(parts[0])] = .some(String(parts[1]))
                }
                for name in remove { wanted[name] = .some(nil) }
                try options.show(try await hub.labelDevice(try DeviceCommand.id(device), name: name, labels: wanted, by: options.actor), Show.text)
            }
        }
    }

    struct Configure: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let one device work otherwise than its group; what is not named stays.",
            discussion: """
                The device takes it at its next contact; until it says so, `device show` calls it drifting.

                Examples:
                  vultus-hub device configure DEVICE --target-fmr 0.00001
                  vultus-hub device configure DEVICE --as-group
                """)
        @OptionGroup var options: HubOptions
        @OptionGroup var terms: ConfigurationTerms
        @Argument(help: "The device's id.") var device: String
        @Flag(help: "Take every setting of its own away first.") var asGroup: Bool = false

        func run() async throws {
            try await options.run { hub in
                let (terms, asGroup): (ConfigurationTerms, Bool) = (terms, asGroup)
                let changed: FleetDevice = try await hub.configureDevice(try DeviceCommand.id(device), by: options.actor) { overrides in
                    if asGroup { overrides = ConfigurationOverrides() }
                    terms.apply(to: &overrides)
                }
                try options.show(changed, Show.text)
            }
        }
    }

    struct Command: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ask a device to do something at its next contact.",
            discussion: """
                restart: the agent ends, for its supervisor to start again. sync_now: a sync whatever the day's bytes. diagnostics: what `doctor` says, \
                without faces, into `device commands`. rotate_certificate: another certificate for its key. pause: nothing is decided until resume. \
                wipe: everybody is erased, what the journal still has to tell is told, and the store and its keys go; the device must join anew.

                A device carries a command out once, and says what became of it: `device commands`.

                Examples:
                  vultus-hub device command DEVICE pause
                  vultus-hub device command DEVICE wipe --yes
                """)
        @OptionGroup var options: HubOptions
        @Argument(help: "The device's id.") var device: String
        @Argument(help: "restart, sync_now, diagnostics, rotate_certificate, pause, resume or wipe.") var command: RemoteCommandKind
        @Option(help: "Hours within which the device must begin: up to 2160.") var hours: Double = 24
        @Flag(help: "Yes, wipe it.") var yes: Bool = false

        func run() async throws {
            try await options.run { hub in
                guard command != .wipe || yes else {
                    throw Problem(
                        .invalidRequest, "A device that was wiped holds nobody any more and must join anew.", remedy: "Say --yes if that is what you want.")
                }
                let term: Duration = .seconds(Int64(max(0, min(hours, 100_000)) * 3_600))
                let issued: IssuedCommand = try await hub.command(command, to: try DeviceCommand.id(device), term: term, by: options.actor)
                try options.show(issued) { "\($0.id): \($0.kind), until \($0.expires)" }
            }
        }
    }

    struct Commands: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What a device was asked to do, and what became of it.", discussion: "Example:\n  vultus-hub device commands DEVICE --details")
        @OptionGroup var options: HubOptions
        @Argument(help: "The device's id.") var device: String
        @Flag(help: "With what the device had to say, the bundle of `diagnostics` for one.") var details: Bool = false

        func run() async throws {
            try await options.run { hub in
                let now: Timestamp = hub.now()
                try options.show(try await hub.commands(of: try DeviceCommand.id(device))) { commands in
                    guard !commands.isEmpty else { return "It was asked nothing yet: vultus-hub device command DEVICE …" }
                    return Self.text(commands, now)
                        + (details ? commands.compactMap { one in one.detail.map { "\n\n\(one.id) \(one.kind)\n\($0)" } }.joined() : "")
                }
            }
        }

        static func text(_ commands: [IssuedCommand], _ now: Timestamp) -> String {
            var table = TextTable(["COMMAND", "WHAT", "ASKED", "BY", "BECAME", "WHEN"])
            for command in commands {
                table.append([
                    command.id.rawValue, command.kind, "\(command.issued)", command.issuedBy, command.progress(at: now),
                    (command.finished ?? command.delivered).map { "\($0)" } ?? "",
                ])
            }
            return table.text
        }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take back a command that the device has not carried out.",
            discussion: "A device that has heard of it may carry it out all the same; its receipt then says so.\n\nExample:\n  vultus-hub device cancel cmd_…")
        @OptionGroup var options: HubOptions
        @Argument(help: "The command's id.") var command: String

        func run() async throws {
            try await options.run { hub in
                guard let id = CommandID(rawValue: command) else {
                    throw Problem(.invalidRequest, "That is not a command's id.", detail: command, remedy: "Copy it from `vultus-hub device commands`.")
                }
                try options.show(try await hub.cancelCommand(id, by: options.actor)) { "\($0.id) ends \($0.expires)" }
            }
        }
    }

    struct Stolen: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Report a device stolen: revoked at once, its leases void, erased at its next contact.",
            discussion: """
                What it recorded before its last contact stays billed; what it has not told is lost with it. It ends its galleries by itself when their \
                terms are over, should it never come into contact again.

                Example:
                  vultus-hub device stolen DEVICE --yes
                """)
        @OptionGroup var options: HubOptions
        @Argument(help: "The device's id.") var device: String
        @Flag(help: "Yes, it is stolen.") var yes: Bool = false

        func run() async throws {
            try await options.run { hub in
                guard yes else {
                    throw Problem(.invalidRequest, "That cannot be taken back: the device must join anew.", remedy: "Say --yes if it is stolen.")
                }
                try options.show(try await hub.declareStolen(try DeviceCommand.id(device), by: options.actor)) {
                    "\($0.id) is revoked and erases itself at its next contact"
                }
            }
        }
    }
}
