import Crypto
import HubStorage
import ServiceSupport
import SyncFile
import WireModel

/// What the hub made of a device's file.
package struct FileIntakeReport: Sendable, Codable, Equatable {
    package let device: DeviceID
    package let exported: Timestamp
    package let answer: String
    package var requests: Int = 0
    package var accepted: Int = 0
    package var duplicates: Int = 0
    package var rejected: Int = 0
    package var acknowledgedThrough: Int64 = 0
    /// Pages of changes in the answer.
    package var pages: Int = 0
    package var bytes: Int64 = 0

    init(device: DeviceID, exported: Timestamp, answer: String) {
        self.device = device
        self.exported = exported
        self.answer = answer
    }

    fileprivate mutating func count(_ response: SyncResponse) {
        requests += 1
        for item in response.answers {
            switch item.outcome {
            case .accepted: accepted += 1
            case .duplicate: duplicates += 1
            case .rejected: rejected += 1
            }
        }
        acknowledgedThrough = response.acknowledgedThrough
        pages += response.feed == nil ? 0 : 1
    }
}

extension Hub {
    /// One sync by file: takes in what a device exported as if it had come over the network, and writes the answer, sealed for that
    /// device alone. A file may be imported again, late, or after a later one: what it says is known then, and is answered so.
    /// - Parameters:
    ///   - answer: where the answer goes; made whole or not at all.
    ///   - progress: told after every batch.
    /// - Throws: `sync_file_damaged`, `sync_file_foreign`, `device_revoked`, and what ``receive(_:from:)`` throws. What was taken in
    ///   before stays, and the same file goes on from there.
    package func importFile(
        _ path: String, answer: String, by actor: Actor, progress: @Sendable (FileIntakeReport) -> Void = { _ in }
    ) async throws -> FileIntakeReport {
        let file = try SyncFile(path, kind: .request)
        let header: SyncRequestHeader = try file.header(SyncRequestHeader.self)
        let sender: FileSender = try await sender(of: file, header)
        let sealer = try AnswerSeal.Sealer(to: header.answerKey)
        let epoch: Int64 = try await database.read { try Hub.epoch($0) }
        var writer = try SyncFileWriter(
            answer, kind: .answer,
            header: SyncAnswerHeader(
                device: header.device, answerKey: header.answerKey, encapsulatedKey: sealer.encapsulatedKey, created: now(), hubEpoch: epoch)
        ) { try sealer.seal($0) }
        var report = FileIntakeReport(device: header.device, exported: header.created, answer: answer)
        var last: SyncRequest?
        var feed: FeedPage?
        try await file.messages(SyncRequest.self) { request in
            let request: SyncRequest = request.dated(now().advanced(by: sender.skew), skew: sender.skew.wholeMilliseconds)
            let response: SyncResponse = try await receive(request, from: header.device)
            try writer.append(response)
            report.count(response)
            progress(report)
            (last, feed) = (request, response.feed)
        }
        // The network's next round trips, which a file has to bring along.
        while let page = feed, !page.isComplete, let request = last {
            let response: SyncResponse = try await receive(request.askingOn(page.cursor, at: now().advanced(by: sender.skew)), from: header.device)
            guard response.feed?.cursor != page.cursor else { break }
            try writer.append(response)
            report.count(response)
            progress(report)
            feed = response.feed
        }
        _ = try writer.finish { [UInt8](try keys.leaseKey.signature(for: $0)) }
        report.bytes = writer.bytes
        let device: DeviceID = header.device
        try await act(actor) { _, trail, _ in try trail.record(.deviceFile, account: sender.account, subject: device.rawValue) }
        return report
    }

    private struct FileSender {
        let account: AccountID
        /// Device minus hub when they last met over the network: how long a file was on its way says nothing of the device's clock.
        let skew: Duration
    }

    private func sender(of file: SyncFile, _ header: SyncRequestHeader) async throws -> FileSender {
        func foreign(_ what: String) -> Problem {
            Problem(
                .syncFileForeign, "That file is not for this hub.", detail: what,
                remedy: "Take it to the hub that the device has joined: `vultus-edge status` names it.")
        }
        guard header.authority == keys.fingerprint else { throw foreign("it is for the hub with authority \(header.authority.prefix(16))…") }
        let row: SQLRow? = try await database.read { try $0.firstRow("SELECT * FROM device WHERE id = ?", [.text(header.device.rawValue)]) }
        guard let row, let account = AccountID(rawValue: try row.text("account_id")) else { throw foreign("no device \(header.device) has joined") }
        let key = try P256.Signing.PublicKey(rawRepresentation: try row.blob("public_key"))
        guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: file.signature), key.isValidSignature(signature, for: file.signedBytes) else {
            throw foreign("\(header.device) has not signed it, or it was altered")
        }
        if let problem = try Hub.outOfService(row) { throw problem }
        return FileSender(account: account, skew: .milliseconds(try row.integer("clock_skew_ms")))
    }
}

extension SyncRequest {
    fileprivate func dated(_ time: Timestamp, skew: Int64) -> SyncRequest {
        SyncRequest(
            agentVersion: agentVersion, head: head, headSignature: headSignature, entries: entries, leases: leases, deviceTime: time,
            clockSkewMilliseconds: skew, hubEpoch: hubEpoch, feed: feed, newEpoch: newEpoch, rollBack: rollBack, receipts: receipts, reported: reported)
    }

    fileprivate func askingOn(_ cursor: String, at time: Timestamp) -> SyncRequest {
        SyncRequest(
            agentVersion: agentVersion, head: head, headSignature: headSignature, entries: [], leases: [], deviceTime: time,
            clockSkewMilliseconds: clockSkewMilliseconds, hubEpoch: hubEpoch, feed: FeedState(cursor: cursor, digests: feed?.digests ?? [:]))
    }
}
