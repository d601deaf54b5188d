import ArgumentParser
import EdgeAgent
import EdgeStore
import EdgeSync
import ServiceSupport
import WireModel

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Where this device stands: journal, leases, galleries, last contact, and what stands in its way.",
        discussion: """
            Each state that is not `fresh` says what it means, what it refuses, and what to do next. --states prints the whole table, as Edge's \
            README has it.

            Example: vultus-edge status --json | jq '.states[].state'
            """)

    @OptionGroup var options: EdgeOptions
    @Flag(help: "Print what a device may do in each state instead.") var states: Bool = false

    private struct StateLine: Encodable {
        let state: DeviceState
        let meaning: String
        let remedy: String
        let refuses: [DeviceAct]
        /// Whose lease it is about; absent where it is about more than leases.
        let apis: [APIName]?

        init(_ state: DeviceState) { self.init(DeviceStanding(state: state)) }

        init(_ standing: DeviceStanding) {
            state = standing.state
            meaning = standing.state.meaning
            remedy = standing.state.remedy
            refuses = standing.refuses
            apis = standing.apis.isEmpty ? nil : standing.apis
        }
    }

    private struct LeaseLine: Encodable {
        let api: APIName
        let remaining: Int64
        let spent: Int64
        let notAfter: Timestamp
        let whenExhausted: ExhaustionPolicy
        /// Why a use would be refused now.
        let refusal: ProblemCode?
    }

    private struct GalleryLine: Encodable {
        let id: GalleryID
        let name: String
        let persons: Int64
        let templates: Int64
        /// Nobody of it is matched after that, by the hub's time, unless the hub was reached.
        let freshUntil: Timestamp
        let state: HeldGallery.State
    }

    private struct Answer: Encodable {
        let device: DeviceID
        let account: AccountID
        let hub: String
        let persons: Int
        let templates: Int
        let journalEntries: Int64
        let decisions: Int64
        let units: [String: Int64]
        let acknowledgedThrough: Int64
        let waiting: Int64
        let lastContact: Timestamp?
        /// Bytes on the wire today (UTC).
        let traffic: DayTraffic
        /// Why the agent does not sync, or not with everything.
        let hold: SyncHold?
        let leases: [LeaseLine]
        /// APIs for which the hub last granted nothing.
        let refusals: [LeaseRefusal]
        /// Of the hub's.
        let galleries: [GalleryLine]
        /// What the device is in, and what that refuses.
        let states: [StateLine]
        /// What became of damaged stores, newest first.
        let damage: [DamageReport]
        /// Of the agent that runs now.
        let cameras: [CameraReport.Line]
        /// The program that the agent starts at decisions; absent without one.
        let hook: HookReport?
        /// What the hub's operator says here now, in both languages.
        let announcements: [DeviceAnnouncement]
    }

    func run() async throws {
        try await options.run {
            if states {
                if options.json { return try CommandReport.json(DeviceState.allCases.map(StateLine.init)) }
                return CommandReport.line(DeviceState.table)
            }
            let store: EdgeStore = try options.openStore()
            // Who looks is not shown what should be gone; a disk that refuses it is in the answer.
            _ = try? store.eraseExpired()
            let identity: DeviceIdentity = try store.identity()
            let journal: JournalSummary = try store.journalSummary()
            let sync: SyncState = try store.syncState()
            let persons: [EnrolledPerson] = try store.persons()
            let leases: [LeaseState] = try store.leases()
            let counts = try store.heldCounts()
            let answer = Answer(
                device: identity.device, account: identity.account, hub: identity.hub, persons: persons.count,
                templates: persons.reduce(0) { $0 + $1.templates },
                journalEntries: journal.head.seq, decisions: journal.decisions,
                units: Dictionary(uniqueKeysWithValues: journal.units.map { ($0.key.rawValue, $0.value) }), acknowledgedThrough: sync.acknowledgedThrough,
                waiting: max(0, journal.head.seq - sync.acknowledgedThrough), lastContact: sync.contact,
                traffic: try store.trafficToday(), hold: try store.syncHold()?.hold,
                leases: leases.map {
                    LeaseLine(
                        api: $0.lease.api, remaining: $0.remaining, spent: $0.spent, notAfter: $0.lease.notAfter, whenExhausted: $0.lease.whenExhausted,
                        refusal: $0.ground?.problem.code)
                },
                refusals: try store.leaseRefusals(),
                galleries: try store.heldGalleries().map {
                    GalleryLine(
                        id: $0.id, name: $0.name, persons: counts[$0.id]?.persons ?? 0, templates: counts[$0.id]?.templates ?? 0, freshUntil: $0.freshUntil,
                        state: $0.state)
                }, states: try store.standings(certificateEnd: identity.certificateEnd).map(StateLine.init),
                damage: try store.damageReports(),
                cameras: CameraReport.read(in: options.directory)?.cameras ?? [], hook: HookReport.read(in: options.directory),
                announcements: try store.announcements())
            if options.json { return try CommandReport.json(answer) }
            CommandReport.line(
                """
                device    \(answer.device) at \(answer.hub)
                gallery   \(answer.persons.counted("person")), \(answer.templates.counted("template"))
                journal   \(answer.journalEntries.counted("entry", "entries")), \(answer.decisions.counted("decision")); \(answer.waiting) waiting for the hub
                contact   \(answer.lastContact.map { "\($0)" } ?? "never")
                traffic   \(answer.traffic.bytesUp) bytes up, \(answer.traffic.bytesDown) down today\(answer.hold.map { "; " + $0.description } ?? "")
                """)
            for line in answer.states {
                let refused: String = line.refuses.isEmpty ? "" : "; refused: " + line.refuses.map(\.rawValue).joined(separator: ", ")
                let apis: String = line.apis.map { " (\($0.map(\.rawValue).joined(separator: ", ")))" } ?? ""
                let name: String = Terminal.styled(line.state.rawValue, line.refuses.isEmpty ? .green : .red) + apis
                CommandReport.line("state     \(name): \(line.meaning)\(refused)")
                if line.state != .fresh { CommandReport.line("          next: \(line.remedy)") }
            }
            for camera in answer.cameras {
                CommandReport.line("camera    " + CameraPrinter.words(camera))
                if let problem = camera.problem { CommandReport.line("          \(problem.detail); next: \(problem.remedy)") }
            }
            for one in answer.announcements {
                let text: DeviceAnnouncement.Text = one.text(in: "en")
                CommandReport.line("news      \(text.title): \(text.body)\(one.ends.map { " (until \($0))" } ?? "")")
            }
            if let hook = answer.hook { CommandReport.line("program   " + Self.words(hook)) }
            for report in answer.damage { CommandReport.line("damage    " + Self.words(report)) }
            for line in answer.galleries {
                CommandReport.line(
                    "gallery   \(line.name) of the hub's: \(line.persons.counted("person")), \(line.templates.counted("template")), until \(line.freshUntil); \(Self.words(line.state))"
                )
            }
            for lease in leases { CommandReport.line("lease     \(lease.words)") }
            for refusal in answer.refusals { CommandReport.line("lease     \(refusal.api): the hub grants none (\(refusal.code.rawValue))") }
            if answer.leases.isEmpty { CommandReport.line("lease     none: run `vultus-edge sync` while the hub can be reached") }
        }
    }

    static func words(_ report: DamageReport) -> String {
        let units: String = report.unitsLost.sorted { $0.key < $1.key }.map { "\($0.value.counted("unit")) of \($0.key)" }.joined(separator: ", ")
        let lost: String =
            report.isCountLost
            ? "what was spent is not known" : units.isEmpty ? "no unit is missing" : "\(units) in no entry saved, billed only if the hub had the entry"
        return """
            found \(report.found): \(report.reason). Saved \(report.entriesSaved.counted("entry", "entries")) and \(report.personsSaved.counted("person")); lost \
            \(report.entriesLost.counted("entry", "entries")), \(report.personsLost.counted("person")) and \(report.templatesLost.counted("template")); \(lost). The old files: \(report.aside)
            """
    }

    private static func words(_ hook: HookReport) -> String {
        let counters: DecisionHook.Counters = hook.counters
        let bad: Int = counters.failed + counters.timedOut + counters.dropped
        let line: String =
            "\(hook.program): \(counters.succeeded) done, \(counters.failed) failed, \(counters.timedOut) too slow, \(counters.dropped) dropped"
        return bad == 0 ? line : Terminal.styled(line, .yellow) + (counters.lastFailure.map { "; the last: \($0)" } ?? "")
    }

    private static func words(_ state: HeldGallery.State) -> String {
        switch state {
        case .fresh: Terminal.styled("fresh", .green)
        case .loading: Terminal.styled("loading: run `vultus-edge sync` for the rest", .yellow)
        case .ending: Terminal.styled("ending: nobody of it is matched after that unless the hub is reached", .yellow)
        case .ended: Terminal.styled("ended: nobody of it is matched until the hub is reached", .red)
        }
    }
}
