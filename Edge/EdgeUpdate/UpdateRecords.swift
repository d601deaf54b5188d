import ReleaseFiles
import ServiceSupport
import WireModel

/// A release that is tried, or the way back from one. Written before anything is switched, so that whoever starts next knows what to undo.
package struct Trial: Sendable, Codable, Hashable {
    package enum Phase: String, Sendable, Codable {
        /// To be tried, or being tried.
        case marked
        case confirmed
        case rollingBack = "rolling_back"
    }

    package let kind: ReleaseKind
    /// `nil`: what was installed.
    package let to: ReleaseNumber?
    package let from: ReleaseNumber?
    package let rollout: RolloutID?
    package let goesBack: Bool
    package var attempts: Int = 0
    package var phase: Phase = .marked
    /// Why the last attempt ended, or why it is rolled back.
    package var reason: String?
    /// Names the present attempt: health that another one reported does not count.
    package var mark: String = ""

    package init(kind: ReleaseKind, to: ReleaseNumber?, from: ReleaseNumber?, rollout: RolloutID?, goesBack: Bool = false) {
        self.kind = kind
        self.to = to
        self.from = from
        self.rollout = rollout
        self.goesBack = goesBack
    }

    /// For people.
    package var title: String { "\(kind.rawValue) \(to.map(\.rawValue) ?? "as installed")" }
}

/// What the program that is tried says of itself, once.
package struct HealthMark: Sendable, Codable, Hashable {
    /// ``Trial/mark``.
    package let mark: String
    /// `nil`: everything that was examined is well.
    package let failure: String?
    /// What was examined.
    package let checks: [String]

    package init(mark: String, failure: String?, checks: [String]) {
        self.mark = mark
        self.failure = failure
        self.checks = checks
    }
}

/// How one kind of release stands.
package struct KindRecord: Sendable, Codable, Hashable {
    /// Something that may run.
    package struct Place: Sendable, Codable, Hashable {
        /// `nil`: what was installed.
        package let version: ReleaseNumber?
    }

    package struct Outcome: Sendable, Codable, Hashable {
        /// `nil`: not of the hub's asking.
        package let rollout: RolloutID?
        package let goesBack: Bool
        package let state: UpdateState
        package let reason: String?
    }

    /// What ran before what runs now, and worked: `nil` where nothing did.
    package var previous: Place?
    package var outcome: Outcome?

    package init() {}
}

extension UpdateFolder {
    private static let trialName: String = "trial.json"
    private static let recordsName: String = "records.json"
    private static let wantedName: String = "wanted.json"
    private static let healthName: String = "health.json"
    private static let holdName: String = "hold.json"

    package func trial() throws -> Trial? { try read(Trial.self, Self.trialName) }

    func save(_ trial: Trial) throws { try save(trial, Self.trialName) }

    func removeTrial() throws {
        try disk.remove(path(Self.trialName))
        try disk.sync(root)
    }

    package func record(_ kind: ReleaseKind) throws -> KindRecord { try read([String: KindRecord].self, Self.recordsName)?[kind.rawValue] ?? KindRecord() }

    func change(_ kind: ReleaseKind, _ change: (inout KindRecord) -> Void) throws {
        var records: [String: KindRecord] = try read([String: KindRecord].self, Self.recordsName) ?? [:]
        let before: [String: KindRecord] = records
        change(&records[kind.rawValue, default: KindRecord()])
        if records != before { try save(records, Self.recordsName) }
    }

    package func wanted() throws -> [WantedRelease] { try read([WantedRelease].self, Self.wantedName) ?? [] }

    /// What the hub said last. What was received of what is not wanted any more stays until something else is.
    package func want(_ releases: [WantedRelease]) throws {
        guard try wanted() != releases else { return }
        try save(releases, Self.wantedName)
    }

    package func health() throws -> HealthMark? { try read(HealthMark.self, Self.healthName) }

    package func tell(_ health: HealthMark) throws { try save(health, Self.healthName) }

    /// Why nothing happens with what is wanted; `nil`: something does. Of no use after a power cut.
    private struct Hold: Codable {
        let rollout: RolloutID
        let reason: String
    }

    package func hold(_ rollout: RolloutID, _ reason: String?) throws {
        guard let reason else { return PrivateFiles.remove(path(Self.holdName)) }
        guard try holdReason(rollout) != reason else { return }
        try PrivateFiles.write(try JSON.bytes(Hold(rollout: rollout, reason: reason)), to: path(Self.holdName), isDurable: false)
    }

    func holdReason(_ rollout: RolloutID) throws -> String? {
        try read(Hold.self, Self.holdName).flatMap { $0.rollout == rollout ? $0.reason : nil }
    }
}
