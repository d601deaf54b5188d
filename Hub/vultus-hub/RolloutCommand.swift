import ArgumentParser
import HubDomain
import ServiceSupport
import WireModel

extension Rollout.DeviceState: ExpressibleByArgument {}

struct RolloutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollout", abstract: "Bring a release to devices, a ring or a share at a time.",
        discussion: """
            Each stage adds devices to those before it. A device that a roll-out includes receives the release, tries it, and says how that \
            went; what does not work there it rolls back by itself. When more of those that tried it failed than --failure-limit allows, the \
            roll-out pauses by itself: nobody begins with it until `resume`. Of a kind the newest roll-out that includes a device counts there.

            A stage is  [label:NAME[=VALUE]] [group:GROUP] [SHARE%] [@WAIT]  – parts separated by spaces; WAIT (30m, 24h, 7d) lets the next stage \
            begin by itself after so long, when enough have tried it and few failed.

            Models can be shadowed first (--shadow-faces): at each device they look at what is decided on and do not decide, until so many faces were \
            compared. If more of them would be decided on otherwise than --shadow-disagreement allows, the device refuses the release, which counts \
            as failed; if not, it tries it. A device that sees nobody waits, or refuses after --shadow-hours. Devices whose agent cannot shadow are not \
            told of such a roll-out before it is updated.

            Examples:
              vultus-hub rollout start 1.2.0 --stage "label:ring=canary @24h" --stage "10% @24h" --stage 100% --failure-limit 2
              vultus-hub rollout start rel_… --account "Acme Doors" --stage "group:entrance" --at-once 20
              vultus-hub rollout start 2.1.0 --stage "label:ring=canary" --stage 100% --shadow-faces 500 --shadow-disagreement 10 --shadow-hours 72
              vultus-hub rollout show rol_…
              vultus-hub rollout return rol_…
            """,
        subcommands: [Start.self, List.self, Show.self, Pause.self, Resume.self, Advance.self, Cancel.self, Return.self], defaultSubcommand: List.self)

    struct Start: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Begin to roll a release out: the first stage at once.",
            discussion: "Example:\n  vultus-hub rollout start 1.2.0 --stage \"label:ring=canary\" --stage 10% --stage 100%")
        @OptionGroup var options: HubOptions
        @Option(name: .customLong("stage"), help: "A stage, as `vultus-hub rollout --help` says; may be given again. 100% when there is none.")
        var stages: [String] = []
        @Option(help: "Only devices of this account, by name or id.") var account: String?
        @Option(help: "It pauses when more percent of those that tried it failed…") var failureLimit: Double = 2
        @Option(help: "… and at least so many tried it.") var minimumTries: Int64 = 20
        @Option(help: "No more devices than these are between being told and an outcome.") var atOnce: Int64?
        @Option(help: ArgumentHelp("Models look on first, until so many faces were compared with what decides.", valueName: "count")) var shadowFaces: Int64?
        @Option(
            help: ArgumentHelp("They are refused when more of a thousand faces would be decided on otherwise; 20 unless you say so.", valueName: "permille"))
        var shadowDisagreement: Int64?
        @Option(help: ArgumentHelp("They are refused when the agent has run for so long with fewer faces; otherwise it waits.", valueName: "hours"))
        var shadowHours: Double?
        @Argument(help: "The release's id, or its version.") var release: String

        private func shadow() throws(Problem) -> ShadowPolicy? {
            guard let faces = shadowFaces else {
                guard shadowDisagreement == nil, shadowHours == nil else {
                    throw Problem(.invalidRequest, "It is not said how many faces are to be compared.", remedy: "Give --shadow-faces too.")
                }
                return nil
            }
            guard shadowHours.map({ (0...10_000).contains($0) }) ?? true else {
                throw Problem(.invalidRequest, "That is no time for a shadow.", detail: "\(shadowHours ?? 0) h", remedy: "Give --shadow-hours up to 8784.")
            }
            return ShadowPolicy(faces: faces, disagreementPermille: shadowDisagreement ?? 20, milliseconds: shadowHours.map { Int64($0 * 3_600_000) })
        }

        func run() async throws {
            try await options.run { hub in
                guard (0...100).contains(failureLimit) else {
                    throw Problem(.invalidRequest, "A failure limit is 0 to 100 percent.", remedy: "Give another --failure-limit.")
                }
                var order = RolloutOrder(stages: [], account: account)
                for text in stages.isEmpty ? ["100%"] : stages { order.stages.append(try await Self.stage(text, hub)) }
                (order.failurePermille, order.minimumTries, order.atOnce) = (Int64((failureLimit * 10).rounded()), minimumTries, atOnce)
                order.shadow = try shadow()
                try options.show(try await hub.startRollout(of: release, order, by: options.actor), RolloutCommand.text)
            }
        }

        private static func stage(_ text: String, _ hub: Hub) async throws -> RolloutStage {
            var (label, group, percent, wait): (String?, DeviceGroupID?, Int64?, Int64?)
            for part in text.split(separator: " ") {
                if part.hasPrefix("label:") {
                    label = String(part.dropFirst(6))
                } else if part.hasPrefix("group:") {
                    group = try await hub.deviceGroup(String(part.dropFirst(6))).id
                } else if part.hasSuffix("%"), let share = Int64(part.dropLast()) {
                    percent = share
                } else if part.hasPrefix("@"), let unit = part.last.flatMap({ ["m": 60_000, "h": 3_600_000, "d": 86_400_000][$0] as Int64? }),
                    let count = Int64(part.dropFirst().dropLast()), (1...100_000).contains(count)
                {
                    wait = count * unit
                } else {
                    throw Problem(
                        .invalidRequest, "That is no stage of a roll-out.", detail: text,
                        remedy: "Write label:NAME=VALUE, group:GROUP, a share as 10%, and @24h, as `vultus-hub rollout --help` says.")
                }
            }
            return RolloutStage(group: group, label: label, percent: percent ?? 100, waitMilliseconds: wait)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Roll-outs, newest first.")
        @OptionGroup var options: HubOptions

        func run() async throws {
            try await options.run { hub in
                try options.show(try await hub.rollouts()) { rollouts in
                    var table = TextTable(["ROLLOUT", "KIND", "VERSION", "STATE", "STAGE", "TOLD", "CONFIRMED", "FAILED", "BEGUN"], alignedRight: [5, 6, 7])
                    for rollout in rollouts {
                        table.append([
                            rollout.id.rawValue, rollout.kind.rawValue, "\(rollout.version)", rollout.state.rawValue,
                            "\(rollout.stage + 1) of \(rollout.stages.count)", "\(rollout.count(Rollout.DeviceState.allCases))",
                            "\(rollout.count([.confirmed]))", "\(rollout.failed)", "\(rollout.begun)",
                        ])
                    }
                    return table.isEmpty ? "No roll-outs yet: vultus-hub rollout start VERSION" : table.text
                }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "One roll-out: its stages, and how far devices are.", discussion: "Example:\n  vultus-hub rollout show rol_… --state rolled_back")
        @OptionGroup var options: HubOptions
        @Argument(help: "The roll-out's id.") var rollout: String
        @Option(name: .customLong("state"), help: "Only devices in this state.") var state: Rollout.DeviceState?
        @Option(help: "At most so many devices.") var limit: Int64 = 50

        private struct Answer: Encodable {
            let rollout: Rollout
            let devices: [RolloutDevice]
        }

        func run() async throws {
            try await options.run { hub in
                let id: RolloutID = try RolloutCommand.id(rollout)
                let answer = Answer(rollout: try await hub.rollout(id), devices: try await hub.rolloutDevices(id, state, limit: limit))
                try options.show(answer) { answer in
                    var table = TextTable(["DEVICE", "NAME", "STATE", "BYTES", "SHADOW", "CHANGED", "WHY"], alignedRight: [3])
                    for device in answer.devices {
                        table.append([
                            device.device.rawValue, device.label, device.state.rawValue,
                            device.totalBytes.map { "\(device.doneBytes ?? 0) of \($0)" } ?? "",
                            device.shadow.map { "\($0.compared) of \($0.faces), \($0.disagreements) otherwise" } ?? "", "\(device.changed)",
                            device.reason ?? "",
                        ])
                    }
                    return RolloutCommand.text(answer.rollout) + (table.isEmpty ? "" : "\n\n" + table.text)
                }
            }
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let nobody begin with it until it is resumed.")
        @OptionGroup var options: HubOptions
        @Argument(help: "The roll-out's id.") var rollout: String
        func run() async throws { try await RolloutCommand.act(.pause, rollout, options) }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let a paused one go on.")
        @OptionGroup var options: HubOptions
        @Argument(help: "The roll-out's id.") var rollout: String
        func run() async throws { try await RolloutCommand.act(.resume, rollout, options) }
    }

    struct Advance: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Go to the next stage now.")
        @OptionGroup var options: HubOptions
        @Argument(help: "The roll-out's id.") var rollout: String
        func run() async throws { try await RolloutCommand.act(.advance, rollout, options) }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let nobody begin with it any more; who has it keeps it.")
        @OptionGroup var options: HubOptions
        @Argument(help: "The roll-out's id.") var rollout: String
        func run() async throws { try await RolloutCommand.act(.cancel, rollout, options) }
    }

    struct Return: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send devices that have it back to what they ran before.",
            discussion: "A device goes back only to what it ran just before, which it keeps, and tries it as it does a new release.")
        @OptionGroup var options: HubOptions
        @Argument(help: "The roll-out's id.") var rollout: String
        func run() async throws { try await RolloutCommand.act(.return, rollout, options) }
    }

    fileprivate static func act(_ act: RolloutAct, _ rollout: String, _ options: HubOptions) async throws {
        try await options.run { hub in try options.show(try await hub.act(act, on: try id(rollout), by: options.actor), text) }
    }

    fileprivate static func id(_ text: String) throws(Problem) -> RolloutID {
        guard let id = RolloutID(rawValue: text) else {
            throw Problem(.invalidRequest, "That is not the id of a roll-out.", detail: text, remedy: "`vultus-hub rollout list` shows them.")
        }
        return id
    }

    static func text(_ rollout: Rollout) -> String {
        var lines: [String] = [
            "\(rollout.id)  \(rollout.kind.rawValue) \(rollout.version) (\(rollout.platform)), begun \(rollout.begun) by \(rollout.begunBy)",
            "state    \(rollout.state.rawValue)\(rollout.reason.map { ": \($0)" } ?? "")",
            "pauses   when more than \(Double(rollout.failurePermille) / 10) % fail, of \(rollout.minimumTries) that tried it at least",
        ]
        if let shadow = rollout.shadow {
            let limit: String = shadow.milliseconds.map { ", in \(Double($0) / 3_600_000) h" } ?? ""
            lines.append("shadow   \(shadow.faces) faces\(limit), at most \(shadow.disagreementPermille) in 1000 decided on otherwise; then tried")
        }
        for (place, stage) in rollout.stages.enumerated() {
            let parts: [String?] = [
                stage.label.map { "label \($0)" }, stage.group.map { "group \($0)" }, "\(stage.percent) %",
                stage.waitMilliseconds.map { "then on after \(Double($0) / 3_600_000) h" },
            ]
            lines.append("stage \(place + 1)  \(parts.compactMap { $0 }.joined(separator: ", "))\(place == rollout.stage ? "  ← now" : "")")
        }
        let counts: [String] = Rollout.DeviceState.allCases.compactMap { state in rollout.devices[state.rawValue].map { "\($0) \(state.rawValue)" } }
        lines.append("devices  \(counts.isEmpty ? "none told yet" : counts.joined(separator: ", "))")
        return lines.joined(separator: "\n")
    }
}
