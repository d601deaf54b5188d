import HubStorage
import WireModel

extension JournalIntake {
    /// - Returns: `nil` for an agent that takes no changes.
    func feed() throws -> FeedPage? {
        guard let state = request.feed else { return nil }
        var writer = FeedWriter(
            connection, sealer: hub.sealer, device: device, hubEpoch: hubEpoch, now: now, room: hub.feedRoom,
            isWithheld: account.standing != .active || quarantine != nil)
        return try writer.page(after: state)
    }
}
