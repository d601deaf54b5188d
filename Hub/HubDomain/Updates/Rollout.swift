import HubStorage
import WireModel

/// How a release comes to devices: a ring or a share at a time, and no further when too many fail.
package struct Rollout: Sendable, Encodable, Hashable {
    package enum State: String, Sendable, Codable, CaseIterable {
        case running
        /// By an operator, or by itself: nobody begins with it.
        case paused
        /// Nobody begins with it any more, ever; who has it keeps it.
        case cancelled
        /// Who has it goes back to what ran before.
        case returning
    }

    /// How far one device is with it. Until it has said anything it is `offered`; when it went back it is `returned`.
    package enum DeviceState: String, Sendable, Codable, CaseIterable {
        case offered, waiting, downloading, staged, shadowing, trying, confirmed
        case rolledBack = "rolled_back"
        case refused
        case returning, returned
        /// It was to go back and could not: it runs what it ran.
        case stayed

        /// - Returns: `nil` when the report is of no roll-out.
        init?(_ report: UpdateReport) {
            guard let state = report.state else { return nil }
            guard report.goesBack == true else {
                self = report.isShadowing ? .shadowing : DeviceState(rawValue: state.rawValue) ?? .offered
                return
            }
            switch state {
            case .confirmed: self = .returned
            case .rolledBack, .refused: self = .stayed
            default: self = .returning
            }
        }

        /// It has shown whether the release works there.
        static let tried: [DeviceState] = [.confirmed, .rolledBack, .refused, .returning, .returned, .stayed]
        static let failed: [DeviceState] = [.rolledBack, .refused]
        static let underWay: [DeviceState] = [.offered, .waiting, .downloading, .staged, .shadowing, .trying]
    }

    package let id: RolloutID
    package let release: ReleaseID
    package let kind: ReleaseKind
    package let version: ReleaseNumber
    package let platform: String
    /// `nil`: devices of every account.
    package let account: AccountID?
    package let stages: [RolloutStage]
    /// The one it has come to, from 0.
    package let stage: Int64
    package let state: State
    /// Why it is in that state, when it came there by itself.
    package let reason: String?
    /// It pauses when more than so many of a thousand that tried it failed…
    package let failurePermille: Int64
    /// … and at least so many tried it.
    package let minimumTries: Int64
    /// No more than so many devices are between being told and an outcome; `nil`: any number.
    package let atOnce: Int64?
    /// Of models: what they must show beside those that decide, before a device tries them; `nil`: they are tried at once.
    package let shadow: ShadowPolicy?
    package let begun: Timestamp
    package let begunBy: String
    package let stageBegun: Timestamp
    /// Devices by ``DeviceState``.
    package let devices: [String: Int64]

    package func count(_ states: [DeviceState]) -> Int64 { states.reduce(0) { $0 + (devices[$1.rawValue] ?? 0) } }
    package var tried: Int64 { count(DeviceState.tried) }
    package var failed: Int64 { count(DeviceState.failed) }

    /// More failed than may.
    var isFailing: Bool { tried >= max(1, minimumTries) && failed * 1_000 > failurePermille * tried }

    init(_ row: SQLRow, devices: [String: Int64]) throws {
        guard let id = RolloutID(rawValue: try row.text("id")), let release = ReleaseID(rawValue: try row.text("release_id")),
            let kind = ReleaseKind(rawValue: try row.text("kind")), let version = ReleaseNumber(rawValue: try row.text("version")),
            let state = State(rawValue: try row.text("state"))
        else { throw HubStorageError.damaged }
        (self.id, self.release, self.kind, self.version, self.state) = (id, release, kind, version, state)
        platform = try row.text("platform")
        account = try row.textOrNil("account_id").flatMap(AccountID.init(rawValue:))
        stages = try JSON.value([RolloutStage].self, from: try row.text("stages"))
        stage = try row.integer("stage")
        reason = try row.textOrNil("reason")
        failurePermille = try row.integer("failure_permille")
        minimumTries = try row.integer("minimum_tries")
        atOnce = try row.integerOrNil("at_once")
        if let faces = try row.integerOrNil("shadow_faces") {
            shadow = ShadowPolicy(
                faces: faces, disagreementPermille: try row.integer("shadow_permille"), milliseconds: try row.integerOrNil("shadow_ms"))
        } else {
            shadow = nil
        }
        begun = try row.time("begun_ms")
        begunBy = try row.text("begun_by")
        stageBegun = try row.time("stage_ms")
        self.devices = devices
    }
}

/// One device within a roll-out.
package struct RolloutDevice: Sendable, Encodable, Hashable {
    package let device: DeviceID
    package let label: String
    package let state: Rollout.DeviceState
    package let doneBytes: Int64?
    package let totalBytes: Int64?
    package let reason: String?
    /// What was compared there, of a roll-out that is shadowed.
    package let shadow: ShadowProgress?
    package let changed: Timestamp

    static let select: String = """
        SELECT rollout_device.*, device.label AS label, rollout.shadow_faces AS shadow_faces
            FROM rollout_device JOIN device ON device.id = device_id JOIN rollout ON rollout.id = rollout_id
        """

    init(_ row: SQLRow) throws {
        guard let device = DeviceID(rawValue: try row.text("device_id")), let state = Rollout.DeviceState(rawValue: try row.text("state")) else {
            throw HubStorageError.damaged
        }
        (self.device, self.state) = (device, state)
        label = try row.text("label")
        doneBytes = try row.integerOrNil("done_bytes")
        totalBytes = try row.integerOrNil("total_bytes")
        reason = try row.textOrNil("reason")
        changed = try row.time("changed_ms")
        guard let faces = try row.integerOrNil("shadow_faces"), let compared = try row.integerOrNil("shadow_compared") else {
            shadow = nil
            return
        }
        shadow = ShadowProgress(compared: compared, faces: faces, disagreements: try row.integerOrNil("shadow_disagreements") ?? 0)
    }
}

/// The rows of roll-outs.
struct Rollouts {
    let connection: any SQLConnection

    private static let select: String =
        "SELECT rollout.*, release.version AS version, release.platform AS platform FROM rollout JOIN release ON release.id = release_id"

    func all() throws -> [Rollout] { try rows(" ORDER BY rollout.id DESC", []) }

    /// Of a kind, those that may concern a device, newest first.
    func inForce(_ kind: ReleaseKind, for account: AccountID) throws -> [Rollout] {
        try connection.rows(
            Self.select + " WHERE rollout.kind = ? AND state <> 'cancelled' AND (account_id IS NULL OR account_id = ?) ORDER BY rollout.id DESC",
            [.text(kind.rawValue), .text(account.rawValue)]
        ).map { try Rollout($0, devices: [:]) }
    }

    func rollout(_ id: RolloutID) throws -> Rollout {
        guard let found = try rows(" WHERE rollout.id = ?", [.text(id.rawValue)]).first else { throw Problem.nothing("roll-out", id.rawValue) }
        return found
    }

    private func rows(_ clause: String, _ values: [SQLValue]) throws -> [Rollout] {
        try connection.rows(Self.select + clause, values).map { row in
            try Rollout(row, devices: try counts(try row.text("id")))
        }
    }

    private func counts(_ id: String) throws -> [String: Int64] {
        try connection.rows("SELECT state, count(*) AS count FROM rollout_device WHERE rollout_id = ? GROUP BY state", [.text(id)]).reduce(into: [:]) {
            $0[try $1.text("state")] = try $1.integer("count")
        }
    }

    func devices(_ id: RolloutID, _ state: Rollout.DeviceState?, limit: Int64) throws -> [RolloutDevice] {
        try connection.rows(
            """
            \(RolloutDevice.select) WHERE rollout_id = ?\(state == nil ? "" : " AND rollout_device.state = ?") ORDER BY changed_ms DESC, device_id LIMIT \(max(1, min(limit, 10_000)))
            """, [.text(id.rawValue)] + (state.map { [.text($0.rawValue)] } ?? [])
        ).map(RolloutDevice.init)
    }

    func set(_ id: RolloutID, _ state: Rollout.State, _ reason: String?) throws {
        try connection.execute(
            "UPDATE rollout SET state = ?, reason = ? WHERE id = ?", [.text(state.rawValue), SQLValue(reason), .text(id.rawValue)])
    }
}
