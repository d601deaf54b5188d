import ArgumentParser
import HubDomain
import ServiceSupport
import WireModel

extension AlertCondition: ExpressibleByArgument {}
extension AlertRule.Severity: ExpressibleByArgument {}

struct AlertCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alert", abstract: "What is wrong with devices, and by which rules somebody is told.",
        discussion: """
            A hub that serves looks at every device once a minute. What a rule names is open once it has held for as long as the rule asks, is told by \
            mail (and notices and webhooks, if the rule says `owner` or names an account), is told again ever more rarely until somebody acknowledges \
            it, and ends by itself. Many devices at once are one message. While no hub was there, no device was silent.
            """,
        subcommands: [List.self, Acknowledge.self, Rules.self, Add.self, Remove.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What stands open, newest first.", discussion: "Example:\n  vultus-hub alert list --all --json")
        @OptionGroup var options: HubOptions
        @Option(help: "Only of this device.") var device: String?
        @Flag(help: "What is over, too.") var all: Bool = false

        func run() async throws {
            try await options.run { hub in
                let alerts: [DeviceAlert] = try await hub.deviceAlerts(
                    device: try device.map(DeviceCommand.id), states: all ? [.open, .resolved] : [.open])
                try options.show(alerts) { alerts in
                    var table = TextTable(["ALERT", "SEVERITY", "CONDITION", "VALUE", "DEVICE", "SINCE", "STATE"], alignedRight: [3])
                    for alert in alerts {
                        table.append([
                            alert.id.rawValue, alert.severity.rawValue, alert.condition.rawValue, alert.measured(in: .en),
                            "\(alert.deviceName) \(alert.device)", "\(alert.since)",
                            alert.resolved.map { "over \($0)" } ?? alert.acknowledged.map { "seen \($0)" } ?? "open",
                        ])
                    }
                    return table.isEmpty ? "Nothing is wrong, by the rules: vultus-hub alert rules" : table.text
                }
            }
        }
    }

    struct Acknowledge: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say that it was seen: it is not told again, and ends by itself.", discussion: "Example:\n  vultus-hub alert acknowledge dal_…")
        @OptionGroup var options: HubOptions
        @Argument(help: "The alert's id.") var alert: String

        func run() async throws {
            try await options.run { hub in
                guard let id = DeviceAlertID(rawValue: alert) else {
                    throw Problem(.invalidRequest, "That is not an alert's id.", detail: alert, remedy: "Copy it from `vultus-hub alert list`.")
                }
                try options.show(try await hub.acknowledgeAlert(id, by: options.actor)) { "\($0.id) is seen; \($0.condition.rawValue) since \($0.since)" }
            }
        }
    }

    struct Rules: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The rules in force.")
        @OptionGroup var options: HubOptions

        func run() async throws {
            try await options.run { hub in
                try options.show(try await hub.alertRules()) { rules in
                    var table = TextTable(["RULE", "CONDITION", "HELD FOR", "SEVERITY", "SCOPE", "TOLD", "AGAIN AFTER", "QUIET (UTC)"])
                    for rule in rules {
                        table.append([
                            rule.id.rawValue, rule.words(in: .en), HealthText.duration(rule.holdMilliseconds), rule.severity.rawValue, "\(rule.scope)",
                            rule.recipients.map(\.description).joined(separator: ", "),
                            rule.repeatMilliseconds == 0 ? "never" : HealthText.duration(rule.repeatMilliseconds), rule.quiet?.description ?? "",
                        ])
                    }
                    return table.isEmpty ? "No rules: nobody is told of anything. Add one: vultus-hub alert add silent --level 15" : table.text
                }
            }
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a rule.",
            discussion: """
                CONDITION and the unit of its level:
                  silent             minutes without contact; never less than three of the device's own intervals
                  cameras_down       cameras that do not stream
                  frame_rate_below   frames a second of the slowest camera
                  disk_below         MiB free
                  temperature_above  °C
                  clock_off          seconds from the hub's
                  lag_above          seconds the oldest journal entry has waited
                  lease_below        percent of a lease left
                  latency_above      ms, p99 of decisions
                  processor_above, memory_above   percent of the machine's
                  troubled, drifting, update_failed   --level 1

                Examples:
                  vultus-hub alert add silent --level 30 --severity critical
                  vultus-hub alert add disk_below --level 500 --margin 100 --for 10 --scope label:site=north --tell operators --tell owner
                  vultus-hub alert add temperature_above --level 80 --quiet 22:00-06:30 --repeat 12
                  vultus-hub alert add update_failed --level 1 --tell operators --tell owner
                """)
        @OptionGroup var options: HubOptions
        @Argument(help: "See above.") var condition: AlertCondition
        @Option(help: "In the condition's unit.") var level: Int64
        @Option(help: "How far back past the level a value must come before it is over; a tenth of the level otherwise.") var margin: Int64?
        @Option(name: .customLong("for"), help: "Minutes it must have held.") var minutes: Int64 = 0
        @Option(help: "warning or critical; only what is critical is told in quiet hours.") var severity: AlertRule.Severity = .warning
        @Option(help: "all, account:ID, group:ID, device:ID or label:NAME=VALUE.") var scope: String = "all"
        @Option(name: .customLong("tell"), help: "operators, owner (of the device), or an account's id; may be given again.") var recipients: [String] = []
        @Option(name: .customLong("repeat"), help: "Hours until it is told again, then twice as long each time; 0: once.") var hours: Int64 = 24
        @Option(help: "Hours of the day, UTC, in which nobody is told: 22:00-06:30.") var quiet: String?

        func run() async throws {
            try await options.run { hub in
                var draft = AlertRuleDraft(condition, level: level)
                (draft.margin, draft.severity, draft.scope, draft.quiet) = (margin, severity, scope, quiet)
                draft.hold = .seconds(60 * min(max(minutes, -1), 1_000_000))
                draft.repeats = .seconds(3_600 * min(max(hours, -1), 1_000_000))
                if !recipients.isEmpty { draft.recipients = recipients }
                try options.show(try await hub.addAlertRule(draft, by: options.actor)) { "\($0.id): \($0.words(in: .en)), \($0.scope)" }
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a rule; what stands by it is over.", discussion: "Example:\n  vultus-hub alert remove rul_…")
        @OptionGroup var options: HubOptions
        @Argument(help: "The rule's id.") var rule: String

        func run() async throws {
            try await options.run { hub in
                guard let id = AlertRuleID(rawValue: rule) else {
                    throw Problem(.invalidRequest, "That is not a rule's id.", detail: rule, remedy: "Copy it from `vultus-hub alert rules`.")
                }
                try await hub.removeAlertRule(id, by: options.actor)
                try options.show(["removed": rule]) { _ in "\(rule) is removed" }
            }
        }
    }
}
