import Crypto
import EdgeStore
import EdgeUpdate
import ServiceSupport
import WireModel

extension EdgeStore {
    private func reportedState(_ identity: DeviceIdentity) throws -> ReportedState {
        ReportedState(
            configuration: try JSON.mark(try configuration()), isPaused: try conditions().contains { $0.condition == .paused },
            certificateEnds: identity.certificateEnd, updates: try UpdateFolder.of(self)?.reports().map(\.told))
    }

    /// What a sync sends, over a network or in a file.
    /// - Parameters:
    ///   - end: of the journal.
    ///   - wanted: APIs that leases are asked for.
    ///   - feed: where the device is in the hub's changes; `nil` asks for none.
    ///   - health: told with the last of the journal.
    func syncRequest(
        _ batch: [JournalEntry], end: JournalHead, state: SyncState, identity: DeviceIdentity, wanted: [APIName], feed: FeedState?,
        health: HealthRecord? = nil
    ) throws -> SyncRequest {
        let head: JournalHead = batch.last.map { JournalHead(epoch: $0.epoch, seq: $0.seq, hash: $0.hash) } ?? end
        let signature = try identity.key.signature(for: head.signedBytes(device: identity.device))
        let held: [APIName: Int64] = Dictionary(uniqueKeysWithValues: try leases().map { ($0.lease.api, $0.lease.number) })
        return SyncRequest(
            agentVersion: ReleaseVersion.current, head: head, headSignature: Base64(signature.rawRepresentation), entries: batch,
            leases: wanted.map { HeldLease(api: $0, number: held[$0] ?? 0) }, deviceTime: clock.now().wall,
            clockSkewMilliseconds: state.contact == nil ? nil : state.clockSkewMilliseconds, hubEpoch: state.hubEpoch,
            // Asked for, and told, with the last of what the old journal has to say.
            feed: feed, newEpoch: head == end ? try epochRequest() : nil, rollBack: head == end ? try rollBackReport() : nil,
            receipts: head == end ? try receipts() : nil, reported: head == end ? try reportedState(identity) : nil,
            health: head == end ? health : nil, announcements: try announcementMark())
    }
}

extension UpdateFolder {
    /// - Returns: `nil` where no launcher runs the agent.
    package static func of(_ store: EdgeStore) -> UpdateFolder? {
        exists(in: store.directory) ? UpdateFolder(path(in: store.directory)) : nil
    }
}
