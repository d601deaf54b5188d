import Crypto
import EdgeStore
import ServiceSupport
import SwiftASN1
import SyncFile
import WireModel
import X509

/// What an export put into its file.
package struct ExportReport: Sendable, Codable, Equatable {
    package var file: String
    package var bytes: Int64 = 0
    package var entries: Int64 = 0
    /// Of the entries, the first and the last; 0 when there are none.
    package var first: Int64 = 0
    package var last: Int64 = 0
}

/// What the hub's answer brought.
package struct ImportReport: Sendable, Codable, Equatable {
    package var file: String
    /// The file was imported before: nothing happened.
    package var isRepeated: Bool = false
    /// The device knew newer changes already: only acknowledgements and leases were taken.
    package var isOvertaken: Bool = false
    package var messages: Int = 0
    package var accepted: Int = 0
    package var duplicates: Int = 0
    package var rejected: Int = 0
    package var acknowledgedThrough: Int64 = 0
    package var leases: Int = 0
    /// Changes of galleries applied.
    package var changes: Int = 0
    package var refusals: [LeaseRefusal] = []
}

/// Sync for sites without a network: a file to the hub and a file back, on whatever carries files. Both can be repeated, lost or
/// come late without harm, and neither stands in the way of a sync over the network.
package struct FileSync: Sendable {
    private let store: EdgeStore
    private let identity: DeviceIdentity

    package init(store: EdgeStore) throws {
        self.store = store
        identity = try store.identity()
    }

    /// Writes what the hub has not acknowledged, signed, to a file that only this user may read.
    /// - Parameter progress: told after every batch.
    package func export(to path: String, progress: @Sendable (ExportReport) -> Void = { _ in }) throws -> ExportReport {
        try store.requireRoomToSync()
        let feed: FeedState = try store.feedState()
        let answerKey: Base64 = try store.makeAnswerKey(cursor: feed.cursor)
        let end: JournalHead = try store.journalHead()
        let state: SyncState = try store.syncState()
        let header = SyncRequestHeader(
            device: identity.device, authority: try Self.fingerprint(identity.authorityPEM), answerKey: answerKey, created: store.clock.now().wall,
            agentVersion: ReleaseVersion.current, entries: max(0, end.seq - state.acknowledgedThrough))
        var writer = try SyncFileWriter(path, kind: .request, header: header)
        var report = ExportReport(file: path)
        var after: Int64 = state.acknowledgedThrough
        var isLast: Bool = false
        while !isLast {
            let batch: [JournalEntry] = try store.entries(
                after: after, epoch: identity.journalEpoch, limit: SyncLimits.entries, bytes: SyncLimits.bytes / 2
            ).filter { $0.seq <= end.seq }
            isLast = batch.isEmpty || batch.last!.seq >= end.seq
            // Leases and changes are asked for once, when the hub has everything.
            try writer.append(
                try store.syncRequest(batch, end: end, state: state, identity: identity, wanted: isLast ? APIName.onDevice : [], feed: isLast ? feed : nil))
            report.entries += Int64(batch.count)
            if report.first == 0 { report.first = batch.first?.seq ?? 0 }
            report.last = batch.last?.seq ?? report.last
            report.bytes = writer.bytes
            after = batch.last?.seq ?? after
            progress(report)
        }
        let key: P256.Signing.PrivateKey = identity.key
        _ = try writer.finish { [UInt8](try key.signature(for: $0).rawRepresentation) }
        report.bytes = writer.bytes
        return report
    }

    /// Takes in the hub's answer.
    /// - Throws: `sync_file_damaged` for what is not whole, `sync_file_foreign` for another device's, hub's or an unknown request's.
    package func importAnswer(_ path: String, progress: @Sendable (ImportReport) -> Void = { _ in }) async throws -> ImportReport {
        try store.requireRoomToSync()
        let file = try SyncFile(path, kind: .answer)
        let header: SyncAnswerHeader = try file.header(SyncAnswerHeader.self)
        guard header.device == identity.device else { throw Self.foreign("it is for \(header.device)") }
        guard identity.leaseKey.isValidSignature(file.signature, for: file.signedBytes) else { throw Self.foreign("this device's hub has not signed it") }
        guard let exported = try store.exportedFile(header.answerKey) else { throw Self.foreign("its request is not one of the last that were exported here") }
        var report = ImportReport(file: path)
        guard case .waiting(let key) = exported.state else {
            report.isRepeated = true
            report.acknowledgedThrough = try store.syncState().acknowledgedThrough
            return report
        }
        let opener = try AnswerSeal.Opener(key, encapsulatedKey: header.encapsulatedKey)
        let store: EdgeStore = store
        var asked = FeedState(cursor: exported.cursor, digests: [:])
        try await file.messages(SyncResponse.self) {
            try opener.open($0)
        } _: { answer in
            // What the device has learnt since is newer than this: the store leaves changes that do not follow on it.
            let outcome: FeedOutcome = try store.apply(
                answer, wanted: answer.leases.isEmpty && answer.refusals.isEmpty ? [] : APIName.onDevice, asked: asked, isLive: false)
            if let page = answer.feed { asked = FeedState(cursor: page.cursor, digests: [:]) }
            report.count(answer, outcome)
            progress(report)
        }
        try store.finishExportedFile(header.answerKey)
        if try store.wiping().isTold { throw try store.destroy() }
        report.acknowledgedThrough = try store.syncState().acknowledgedThrough
        return report
    }

    private static func foreign(_ what: String) -> Problem {
        Problem(
            .syncFileForeign, "That file is not for this device.", detail: what,
            remedy: "Export again with `vultus-edge export FILE`, take it to this device's hub, and import the answer to that file here.")
    }

    private static func fingerprint(_ authorityPEM: String) throws -> String {
        SHA256.hash(data: try Certificate(pemEncoded: authorityPEM).serializeAsPEM().derBytes).hexadecimal
    }
}

extension ImportReport {
    fileprivate mutating func count(_ answer: SyncResponse, _ outcome: FeedOutcome) {
        messages += 1
        changes += outcome.changes
        isOvertaken = isOvertaken || outcome.isStale
        for item in answer.answers {
            switch item.outcome {
            case .accepted: accepted += 1
            case .duplicate: duplicates += 1
            case .rejected: rejected += 1
            }
        }
        leases += answer.leases.count
        refusals = answer.refusals.isEmpty ? refusals : answer.refusals
    }
}
