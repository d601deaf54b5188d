import HubStorage
import WireModel

/// What devices say of releases, and what they are told, within a sync.
extension JournalIntake {
    /// Takes in how far the device is; a roll-out with which too many fail pauses.
    func takeUpdateReports() throws {
        for report in request.reported?.updates ?? [] {
            guard let rollout = report.rollout, let state = Rollout.DeviceState(report) else { continue }
            let reason: SQLValue = SQLValue(report.reason.map { String($0.prefix(UpdateReport.longestReason)) })
            let (done, total): (SQLValue, SQLValue) = (SQLValue(report.doneBytes), SQLValue(report.totalBytes))
            let (compared, differing): (SQLValue, SQLValue) = (SQLValue(report.shadow?.compared), SQLValue(report.shadow?.disagreements))
            let key: [SQLValue] = [.text(rollout.rawValue), .text(device.rawValue)]
            // Told with every sync: written when it is another. Only a device that was told of it has a row.
            guard let row = try connection.firstRow("SELECT * FROM rollout_device WHERE rollout_id = ? AND device_id = ?", key),
                let former = Rollout.DeviceState(rawValue: try row.text("state"))
            else { continue }
            let known: [SQLValue] = [
                SQLValue(try row.integerOrNil("done_bytes")), SQLValue(try row.textOrNil("reason")), SQLValue(try row.integerOrNil("shadow_compared")),
            ]
            guard state != former || known != [done, reason, compared] else { continue }
            try connection.execute(
                """
                UPDATE rollout_device SET state = ?, done_bytes = ?, total_bytes = ?, reason = ?, shadow_compared = ?, shadow_disagreements = ?, changed_ms = ?
                    WHERE rollout_id = ? AND device_id = ?
                """, [.text(state.rawValue), done, total, reason, compared, differing, .integer(now.milliseconds)] + key)
            guard Rollout.DeviceState.tried.contains(state), state != former else { continue }
            let rollouts = Rollouts(connection: connection)
            let whole: Rollout = try rollouts.rollout(rollout)
            guard whole.state == .running, whole.isFailing else { continue }
            try rollouts.set(rollout, .paused, "\(whole.failed) of \(whole.tried) devices that tried it failed, more than \(whole.failurePermille) in 1000")
            try AuditTrail(connection: connection, actor: .system("rollouts"), now: now).record(
                .rolloutPause, account: whole.account, subject: rollout.rawValue, ["failed": "\(whole.failed)", "tried": "\(whole.tried)"])
        }
    }

    /// What the device is to run; `nil`: as it is. Of each kind the newest roll-out that includes the device is the one that counts.
    func releases() throws -> [WantedRelease]? {
        guard let reports = request.reported?.updates, quarantine == nil else { return nil }
        var traits: Traits?
        let wanted: [WantedRelease] = try reports.compactMap { report in
            var mayOnlyReturn: Bool = false
            for rollout in try Rollouts(connection: connection).inForce(report.kind, for: account.id)
            where [report.platform, ReleaseManifest.anyPlatform].contains(rollout.platform) {
                let state: Rollout.DeviceState? = try connection.firstRow(
                    "SELECT state FROM rollout_device WHERE rollout_id = ? AND device_id = ?", [.text(rollout.id.rawValue), .text(device.rawValue)]
                ).flatMap { Rollout.DeviceState(rawValue: try $0.text("state")) }
                if let state {
                    let wanted: WantedRelease? = told(rollout, state)
                    if let wanted, !mayOnlyReturn || wanted.goesBack { return wanted }
                    // It does not run that one: an older roll-out may still send it back from what it does run, and nowhere else.
                    guard wanted == nil, [.rolledBack, .refused, .returned].contains(state) else { return nil }
                    mayOnlyReturn = true
                    continue
                }
                guard rollout.state == .running, !mayOnlyReturn else { continue }
                if traits == nil { traits = try Traits(device, connection) }
                let isIncluded: Bool = rollout.stages.prefix(Int(rollout.stage) + 1).contains {
                    $0.includes(device, group: traits?.group, labels: traits?.labels ?? [:], release: rollout.release)
                }
                guard isIncluded else { continue }
                // It counts there even when its turn is still to come; where models are to be shadowed, an agent that cannot has to become
                // another first.
                guard report.version != rollout.version, rollout.shadow == nil || report.canShadow == true, try hasRoom(rollout) else { return nil }
                try connection.execute(
                    "INSERT INTO rollout_device (rollout_id, device_id, state, offered_ms, changed_ms) VALUES (?, ?, 'offered', ?, ?)",
                    [.text(rollout.id.rawValue), .text(device.rawValue), .integer(now.milliseconds), .integer(now.milliseconds)])
                return told(rollout, .offered)
            }
            return nil
        }
        return wanted.isEmpty ? nil : wanted
    }

    private func told(_ rollout: Rollout, _ state: Rollout.DeviceState) -> WantedRelease? {
        let goesBack: Bool = rollout.state == .returning && [.confirmed, .returning].contains(state)
        guard goesBack || (rollout.state == .running && Rollout.DeviceState.underWay.contains(state)) else { return nil }
        return WantedRelease(
            rollout: rollout.id, release: rollout.release, kind: rollout.kind, version: rollout.version, goesBack: goesBack,
            shadow: goesBack ? nil : rollout.shadow)
    }

    private func hasRoom(_ rollout: Rollout) throws -> Bool {
        guard let atOnce = rollout.atOnce else { return true }
        let states: [Rollout.DeviceState] = Rollout.DeviceState.underWay
        let count: Int64 = try connection.rows(
            "SELECT count(*) AS count FROM rollout_device WHERE rollout_id = ? AND state IN (\(states.map { _ in "?" }.joined(separator: ", ")))",
            [.text(rollout.id.rawValue)] + states.map { .text($0.rawValue) })[0].integer("count")
        return count < atOnce
    }

    /// By what rings choose.
    private struct Traits {
        let group: DeviceGroupID?
        let labels: [String: String]

        init(_ device: DeviceID, _ connection: any SQLConnection) throws {
            group = try Device.find(device, connection).group
            labels = try connection.rows("SELECT name, value FROM device_label WHERE device_id = ?", [.text(device.rawValue)]).reduce(into: [:]) {
                $0[try $1.text("name")] = try $1.text("value")
            }
        }
    }
}
