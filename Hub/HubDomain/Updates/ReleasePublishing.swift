import HubStorage
import ReleaseFiles
import WireModel

extension Hub {
    /// Bytes of a file in one row.
    static let chunk: Int = ReleaseLimit.part

    /// Takes a signed release in, files and all. Safe to repeat after it was cut off.
    /// - Parameters:
    ///   - folder: with the files and `release.json`.
    ///   - keys: one of which must have signed it: a device would refuse it otherwise.
    ///   - progress: told the bytes that are in.
    package func publishRelease(
        _ folder: String, trusting keys: [ReleaseKey], by actor: Actor, progress: @Sendable (Int64) -> Void = { _ in }
    ) async throws -> Release {
        let signed: SignedRelease = try .read(in: folder)
        let manifest: ReleaseManifest = try signed.open(trusting: keys)
        guard manifest.expires > now() else {
            throw Problem(.releaseUnsuitable, "The release's time is over.", detail: "\(manifest.expires)", remedy: "Sign it anew: `vultus-hub release sign`.")
        }
        if let fault = ReleaseFolder.fault(of: manifest, in: folder) {
            throw Problem(.releaseAltered, "A file of the release is not as signed.", detail: fault, remedy: "Sign the folder anew, or restore the file.")
        }
        var done: Int64 = 0
        for file in Dictionary(grouping: manifest.files, by: \.sha256).compactMap(\.value.first) {
            try await takeIn(file, folder + "/" + file.path) {
                done += $0
                progress(done)
            }
        }
        return try await act(actor) { connection, trail, now in
            try Self.record(signed, manifest, connection, now)
            try trail.record(
                .releasePublish, subject: signed.id.rawValue,
                ["kind": manifest.kind.rawValue, "version": manifest.version.rawValue, "platform": manifest.platform, "signer": signed.key])
            return try Release.find(signed.id, connection)
        }
    }

    private func takeIn(_ file: ReleaseFile, _ path: String, _ progress: (Int64) -> Void) async throws {
        let places: Int64 = (file.bytes + Int64(Self.chunk) - 1) / Int64(Self.chunk)
        let held: Int64 = try await database.read {
            try $0.rows("SELECT count(*) AS count FROM release_chunk WHERE sha256 = ?", [.text(file.sha256)])[0].integer("count")
        }
        if held == places { return progress(file.bytes) }
        var parts: [[UInt8]] = []
        // A file is read while nothing else waits for it: whoever publishes is a command of its own.
        try ReleaseFolder.forEachPart(path, size: Self.chunk) { parts.append($0) }
        for (place, part) in parts.enumerated() {
            try await database.write { connection in
                try connection.execute(
                    "INSERT INTO release_chunk (sha256, place, bytes) VALUES (?, ?, ?) ON CONFLICT (sha256, place) DO NOTHING",
                    [.text(file.sha256), .integer(Int64(place)), .blob(part)])
            }
            progress(Int64(part.count))
        }
    }

    private static func record(_ signed: SignedRelease, _ manifest: ReleaseManifest, _ connection: any SQLConnection, _ now: Timestamp) throws {
        let id: SQLValue = .text(signed.id.rawValue)
        try connection.execute(
            """
            INSERT INTO release (id, kind, version, platform, payload, signature, signer, bytes, expires_ms, published_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET withdrawn_ms = NULL, published_ms = excluded.published_ms
            """,
            [
                id, .text(manifest.kind.rawValue), .text(manifest.version.rawValue), .text(manifest.platform), .text(signed.payload),
                .blob(signed.signature.bytes), .text(signed.key), .integer(manifest.bytes), .integer(manifest.expires.milliseconds), .integer(now.milliseconds),
            ])
        for (digest, files) in Dictionary(grouping: manifest.files, by: \.sha256) {
            try connection.execute(
                "INSERT INTO release_file (release_id, sha256, bytes) VALUES (?, ?, ?) ON CONFLICT (release_id, sha256) DO NOTHING",
                [id, .text(digest), .integer(files[0].bytes)])
            let held: Int64 = try connection.rows(
                "SELECT coalesce(sum(length(bytes)), 0) AS held FROM release_chunk WHERE sha256 = ?", [.text(digest)])[0].integer("held")
            guard held == files[0].bytes else {
                throw Problem(.conflict, "Somebody withdrew a release with the same file meanwhile.", detail: files[0].path, remedy: "Publish it again.")
            }
        }
    }

    // MARK: For devices

    /// A release that a device is to have, as it was signed.
    package func release(_ id: ReleaseID, for device: DeviceID) async throws -> SignedRelease {
        try await database.read { try Self.offered(id, to: device, $0).signed }
    }

    /// A part of a file of such a release.
    /// - Returns: up to ``ReleaseLimit/part`` bytes from `offset` on, and how long the file is.
    package func releasePart(
        of sha256: String, in id: ReleaseID, at offset: Int64, count: Int, for device: DeviceID
    ) async throws -> (bytes: [UInt8], total: Int64) {
        try await database.read { connection in
            _ = try Self.offered(id, to: device, connection)
            guard let file = try connection.firstRow("SELECT bytes FROM release_file WHERE release_id = ? AND sha256 = ?", [.text(id.rawValue), .text(sha256)])
            else { throw Problem.nothing("file of that release", sha256) }
            let total: Int64 = try file.integer("bytes")
            guard (0..<max(1, total)).contains(offset) else {
                throw Problem(.invalidRequest, "The file is not that long.", detail: "\(offset) of \(total) bytes", remedy: "Ask for bytes that it has.")
            }
            let end: Int64 = min(total, offset + Int64(min(count, ReleaseLimit.part)))
            let size = Int64(Self.chunk)
            var bytes: [UInt8] = []
            for row in try connection.rows(
                "SELECT place, bytes FROM release_chunk WHERE sha256 = ? AND place BETWEEN ? AND ? ORDER BY place",
                [.text(sha256), .integer(offset / size), .integer(max(offset, end - 1) / size)])
            {
                let (part, begin): ([UInt8], Int64) = (try row.blob("bytes"), try row.integer("place") * size)
                bytes += part[Int(max(0, offset - begin))..<Int(min(Int64(part.count), end - begin))]
            }
            guard Int64(bytes.count) == end - offset else { throw HubStorageError.damaged }
            return (bytes, total)
        }
    }

    /// Nobody gets at what is not meant for them: whoever makes releases may keep them to some accounts.
    private static func offered(_ id: ReleaseID, to device: DeviceID, _ connection: any SQLConnection) throws -> Release {
        guard
            try connection.firstRow(
                """
                SELECT 1 AS found FROM rollout_device JOIN rollout ON rollout.id = rollout_id JOIN release ON release.id = release_id
                    WHERE release_id = ? AND device_id = ? AND withdrawn_ms IS NULL
                """, [.text(id.rawValue), .text(device.rawValue)]) != nil
        else { throw Problem.nothing("release for this device", id.rawValue) }
        return try .find(id, connection)
    }
}
