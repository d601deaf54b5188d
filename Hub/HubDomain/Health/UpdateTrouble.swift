import HubStorage
import WireModel

/// Where a device stands after a release that did not come to run on it.
enum UpdateTrouble: Hashable {
    case failed
    /// Another roll-out is under way there, and has yet to say how it went.
    case tryingAnother

    /// Of the devices on which a release failed and nothing settled it: a later one that was confirmed, or the end of the roll-out, cancelled
    /// or sent back. Each kind of release is looked at by itself.
    static func byDevice(_ connection: any SQLConnection) throws -> [String: UpdateTrouble] {
        let failed: [SQLValue] = Rollout.DeviceState.failed.map { .text($0.rawValue) }
        let rows: [SQLRow] = try connection.rows(
            """
            SELECT device_id, kind, rollout_device.state AS state, rollout.state AS rollout_state FROM rollout_device JOIN rollout ON rollout.id = rollout_id
                WHERE device_id IN (
                    SELECT device_id FROM rollout_device JOIN rollout ON rollout.id = rollout_id
                        WHERE rollout_device.state IN (\(failed.map { _ in "?" }.joined(separator: ", "))) AND rollout.state IN ('running', 'paused'))
                ORDER BY device_id, kind, rollout_id DESC
            """, failed)
        var troubles: [String: UpdateTrouble] = [:]
        var (place, isSettled, isTrying): (String, Bool, Bool) = ("", false, false)
        for row in rows {
            let device: String = try row.text("device_id")
            let here: String = device + " " + (try row.text("kind"))
            if here != place { (place, isSettled, isTrying) = (here, false, false) }
            guard !isSettled, let state = Rollout.DeviceState(rawValue: try row.text("state")) else { continue }
            let isInForce: Bool = try ["running", "paused"].contains(row.text("rollout_state"))
            if Rollout.DeviceState.failed.contains(state) {
                guard isInForce else { continue }
                // One kind that failed outweighs another that is being tried.
                if !isTrying { troubles[device] = .failed } else if troubles[device] == nil { troubles[device] = .tryingAnother }
                isSettled = true
            } else if Rollout.DeviceState.tried.contains(state) {
                isSettled = true
            } else if isInForce {
                isTrying = true
            }
        }
        return troubles
    }
}
