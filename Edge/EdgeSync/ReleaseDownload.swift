import CurlTransfer
import EdgeUpdate
import HubClient
import ReleaseFiles
import ServiceSupport
import WireModel

/// Receives one wanted release, part by part, within what link, day and disk allow; goes on where it was cut off, and puts it into its
/// place when all of it is there and as signed.
package actor ReleaseDownload {
    package enum Step: Sendable, Hashable {
        /// More is to come.
        case part
        /// Whole, verified and in its place.
        case staged
    }

    private let folder: UpdateFolder
    private let source: any ReleaseSource
    private var size: Int = ReleaseLimit.part
    private var altered: Int = 0
    private var counted: TransferTraffic = .none
    /// A part that does not get through is asked for in halves, down to this.
    private static let smallestPart: Int = 16 << 10
    /// Files that were not as signed when they were all there; then the hub, or somebody before it, has another.
    private static let patience: Int = 3
    /// Left free on the disk for everything else.
    private static let spareBytes: Int64 = 64 << 20

    package init(folder: UpdateFolder, source: any ReleaseSource) {
        self.folder = folder
        self.source = source
    }

    /// Fetches one part, or finishes.
    /// - Parameters:
    ///   - now: by which the release's end is judged.
    ///   - bytes: that may be spent on the wire; `nil`: as many as needed.
    /// - Throws: `release_untrusted`, `release_unsuitable`, `release_altered` when it is not to be had at all; `store_full` while there is no
    ///   room; `HubClientError`.
    package func step(_ wanted: WantedRelease, at now: Timestamp, within bytes: Int64? = nil) async throws -> Step {
        if folder.isStaged(wanted.kind, wanted.version, wanted.release) { return .staged }
        let incoming: IncomingRelease
        if let begun = try folder.incomingRelease(wanted.release) { incoming = begun } else { incoming = try await begin(wanted, at: now) }
        guard let file = incoming.manifest.files.first(where: { incoming.received($0) < $0.bytes }) else { return try finish(incoming) }
        let offset: Int64 = incoming.received(file)
        let count: Int = min(size, bytes.map { Int(min($0, Int64(size))) } ?? size)
        do {
            let part: [UInt8] = try await source.part(of: file, in: wanted.release, at: offset, count: max(1, count))
            guard !part.isEmpty else { throw HubClientError.misbehaved(hub: "", status: 206, what: "an empty part") }
            try folder.append(part, to: file, of: incoming, at: offset)
            size = min(ReleaseLimit.part, size * 2)
        } catch let error as HubClientError {
            if error.mayBeSize { size = max(Self.smallestPart, size / 2) }
            throw error
        }
        return .part
    }

    /// What was carried since it was last asked for: what was lost on the way was paid for too.
    package func takeTraffic() async -> (up: Int64, down: Int64) {
        let now: TransferTraffic = await source.traffic
        let more: TransferTraffic = now - counted
        counted = now
        return (more.sent, more.received)
    }

    private func begin(_ wanted: WantedRelease, at now: Timestamp) async throws -> IncomingRelease {
        let signed: SignedRelease = try await source.release(wanted.release)
        let incoming: IncomingRelease = try folder.begin(signed, at: now)
        guard incoming.manifest.kind == wanted.kind, incoming.manifest.version == wanted.version else {
            throw Problem(
                .releaseUnsuitable, "The release is not the one that is wanted.", detail: "\(incoming.manifest.version), wanted: \(wanted.version)",
                remedy: "Publish it at the hub again.")
        }
        let free: Int64 = ReleaseFolder.freeBytes(at: folder.root)
        guard free - Self.spareBytes >= incoming.manifest.bytes - incoming.received else {
            throw Problem(
                .storeFull, "The disk has no room for the release.", detail: "\(incoming.manifest.bytes) bytes wanted, \(free) free",
                remedy: "Free some space; what runs goes on running.")
        }
        return incoming
    }

    private func finish(_ incoming: IncomingRelease) throws -> Step {
        do { try folder.finish(incoming) } catch let problem as Problem where problem.code == .releaseAltered && altered < Self.patience {
            altered += 1
            return .part
        }
        return .staged
    }
}
