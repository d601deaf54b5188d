import HubStorage
import WireModel

/// What an operator decides when a roll-out begins.
package struct RolloutOrder: Sendable {
    package var stages: [RolloutStage]
    /// An account's id or name; `nil`: devices of every account.
    package var account: String?
    package var failurePermille: Int64 = 20
    package var minimumTries: Int64 = 20
    package var atOnce: Int64?
    /// Of models alone.
    package var shadow: ShadowPolicy?

    package init(stages: [RolloutStage], account: String? = nil) {
        self.stages = stages
        self.account = account
    }

    fileprivate func check() throws(Problem) {
        guard (1...RolloutStage.most).contains(stages.count), (0...1_000).contains(failurePermille), (1...100_000).contains(minimumTries),
            atOnce.map({ (1...1_000_000).contains($0) }) ?? true
        else {
            throw Problem(
                .invalidRequest, "A roll-out cannot go like that.", detail: "\(stages.count) stages, \(failurePermille) ‰ of \(minimumTries)",
                remedy: "Give 1 to \(RolloutStage.most) stages, a failure limit of 0 to 100 %, and 1 to 100000 tries.")
        }
        for stage in stages { try stage.check() }
        try shadow?.check()
    }
}

/// What may be done with a roll-out.
package enum RolloutAct: String, Sendable, CaseIterable {
    case pause, resume, advance, cancel
    /// Devices that have it go back to what ran before.
    case `return`

    fileprivate var audit: AuditAction {
        switch self {
        case .pause: .rolloutPause
        case .resume: .rolloutResume
        case .advance: .rolloutAdvance
        case .cancel: .rolloutCancel
        case .return: .rolloutReturn
        }
    }

    var from: Set<Rollout.State> {
        switch self {
        case .pause, .advance: [.running]
        case .resume: [.paused]
        case .cancel: [.running, .paused, .returning]
        case .return: [.running, .paused, .cancelled]
        }
    }
}

extension Hub {
    /// Newest first.
    package func rollouts() async throws -> [Rollout] { try await database.read { try Rollouts(connection: $0).all() } }

    package func rollout(_ id: RolloutID) async throws -> Rollout { try await database.read { try Rollouts(connection: $0).rollout(id) } }

    package func rolloutDevices(_ id: RolloutID, _ state: Rollout.DeviceState? = nil, limit: Int64 = 1_000) async throws -> [RolloutDevice] {
        try await database.read { try Rollouts(connection: $0).devices(id, state, limit: limit) }
    }

    /// The newest roll-out of a kind that includes a device is the one that counts there.
    package func startRollout(of reference: String, _ order: RolloutOrder, by actor: Actor) async throws -> Rollout {
        try order.check()
        return try await act(actor) { connection, trail, now in
            let release: Release = try .find(reference, connection)
            guard release.withdrawn == nil, release.expires > now else {
                throw Problem(.conflict, "That release is given to nobody any more.", detail: release.title, remedy: "Sign and publish another.")
            }
            guard order.shadow == nil || release.kind == .models else {
                throw Problem(
                    .invalidRequest, "Only models can be shadowed.", detail: release.title, remedy: "A program is tried at once, and rolled back if it fails.")
            }
            let account: AccountID? = try order.account.map { try Self.account(connection, $0).id }
            for group in order.stages.compactMap(\.group) { _ = try DeviceGroups(connection: connection).group(group.rawValue) }
            let id = RolloutID(at: now)
            try connection.execute(
                """
                INSERT INTO rollout (id, release_id, kind, account_id, stages, stage, state, failure_permille, minimum_tries, at_once, begun_ms, begun_by,
                    stage_ms, shadow_faces, shadow_permille, shadow_ms)
                    VALUES (?, ?, ?, ?, ?, 0, 'running', ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .text(id.rawValue), .text(release.id.rawValue), .text(release.kind.rawValue), SQLValue(account?.rawValue),
                    .text(try JSON.text(order.stages)), .integer(order.failurePermille), .integer(order.minimumTries), SQLValue(order.atOnce),
                    .integer(now.milliseconds), .text(actor.id), .integer(now.milliseconds),
                    SQLValue(order.shadow?.faces), SQLValue(order.shadow?.disagreementPermille), SQLValue(order.shadow?.milliseconds),
                ])
            try trail.record(
                .rolloutStart, account: account, subject: id.rawValue, ["release": release.id.rawValue, "stages": "\(order.stages.count)"])
            return try Rollouts(connection: connection).rollout(id)
        }
    }

    /// - Throws: `conflict` when it is not in a state for that.
    package func act(_ act: RolloutAct, on id: RolloutID, by actor: Actor) async throws -> Rollout {
        try await self.act(actor) { connection, trail, now in
            let rollouts = Rollouts(connection: connection)
            let rollout: Rollout = try rollouts.rollout(id)
            let isWithdrawn: Bool = try Release.find(rollout.release, connection).withdrawn != nil
            guard act.from.contains(rollout.state), !(isWithdrawn && act == .resume) else {
                throw Problem(
                    .conflict, "The roll-out is not in a state for that.",
                    detail: isWithdrawn ? "its release was withdrawn" : "it is \(rollout.state.rawValue)",
                    remedy: "Look at it: `vultus-hub rollout show \(id)`.")
            }
            switch act {
            case .pause: try rollouts.set(id, .paused, nil)
            case .resume: try rollouts.set(id, .running, nil)
            case .cancel: try rollouts.set(id, .cancelled, nil)
            case .return: try rollouts.set(id, .returning, nil)
            case .advance: try rollouts.advance(rollout, now)
            }
            try trail.record(act.audit, account: rollout.account, subject: id.rawValue, act == .advance ? ["stage": "\(rollout.stage + 2)"] : [:])
            return try rollouts.rollout(id)
        }
    }

    /// Those whose stage has lasted long enough go on by themselves, when enough devices have tried it and few failed.
    /// - Returns: how many went on.
    package func advanceRollouts() async throws -> Int {
        try await act(.system("rollouts")) { connection, trail, now in
            let rollouts = Rollouts(connection: connection)
            var count: Int = 0
            for rollout in try rollouts.all() where rollout.state == .running && rollout.stage + 1 < rollout.stages.count {
                guard let wait = rollout.stages[Int(rollout.stage)].waitMilliseconds, now.since(rollout.stageBegun).wholeMilliseconds >= wait,
                    // Silence is no success.
                    rollout.tried > 0, rollout.tried >= rollout.minimumTries || rollout.count(Rollout.DeviceState.underWay) == 0, !rollout.isFailing
                else { continue }
                try rollouts.advance(rollout, now)
                try trail.record(.rolloutAdvance, account: rollout.account, subject: rollout.id.rawValue, ["stage": "\(rollout.stage + 2)"])
                count += 1
            }
            return count
        }
    }
}

extension Rollouts {
    fileprivate func advance(_ rollout: Rollout, _ now: Timestamp) throws {
        guard rollout.stage + 1 < rollout.stages.count else {
            throw Problem(.conflict, "The roll-out is at its last stage.", detail: "\(rollout.stages.count) stages", remedy: "Start another for more devices.")
        }
        try connection.execute(
            "UPDATE rollout SET stage = ?, stage_ms = ? WHERE id = ?", [.integer(rollout.stage + 1), .integer(now.milliseconds), .text(rollout.id.rawValue)])
    }
}
