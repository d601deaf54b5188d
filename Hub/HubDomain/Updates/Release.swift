import HubStorage
import WireModel

/// A release that the hub gives to devices. It cannot change or make one: who signed it, and whether that counts, each device judges.
package struct Release: Sendable, Encodable, Hashable {
    package let id: ReleaseID
    package let kind: ReleaseKind
    package let version: ReleaseNumber
    package let platform: String
    package let bytes: Int64
    /// Fingerprint of the key that signed it.
    package let signer: String
    package let expires: Timestamp
    package let published: Timestamp
    package let withdrawn: Timestamp?
    let signed: SignedRelease

    private enum CodingKeys: String, CodingKey { case id, kind, version, platform, bytes, signer, expires, published, withdrawn }

    init(_ row: SQLRow) throws {
        guard let id = ReleaseID(rawValue: try row.text("id")), let kind = ReleaseKind(rawValue: try row.text("kind")),
            let version = ReleaseNumber(rawValue: try row.text("version"))
        else { throw HubStorageError.damaged }
        (self.id, self.kind, self.version) = (id, kind, version)
        platform = try row.text("platform")
        bytes = try row.integer("bytes")
        signer = try row.text("signer")
        expires = try row.time("expires_ms")
        published = try row.time("published_ms")
        withdrawn = try row.timeOrNil("withdrawn_ms")
        signed = SignedRelease(payload: try row.text("payload"), signature: Base64(try row.blob("signature")), key: signer)
    }

    /// As its maker signed it.
    package var manifest: ReleaseManifest { get throws { try JSON.value(ReleaseManifest.self, from: signed.payload) } }

    /// For people.
    package var title: String { "\(kind.rawValue) \(version) (\(platform))" }
}

extension Release {
    static func find(_ id: ReleaseID, _ connection: any SQLConnection) throws -> Release {
        guard let row = try connection.firstRow("SELECT * FROM release WHERE id = ?", [.text(id.rawValue)]) else {
            throw Problem.nothing("release", id.rawValue)
        }
        return try Release(row)
    }

    /// - Parameter reference: its id, or a version that one release alone has.
    static func find(_ reference: String, _ connection: any SQLConnection) throws -> Release {
        if let id = ReleaseID(rawValue: reference) { return try find(id, connection) }
        let rows: [SQLRow] = try connection.rows("SELECT * FROM release WHERE version = ? AND withdrawn_ms IS NULL", [.text(reference)])
        guard let row = rows.first else { throw Problem.nothing("release", reference) }
        guard rows.count == 1 else {
            throw Problem(.conflict, "Several releases have that version.", detail: reference, remedy: "Name one by its id: `vultus-hub release list`.")
        }
        return try Release(row)
    }
}

extension Hub {
    /// Newest first.
    package func releases() async throws -> [Release] {
        try await database.read { try $0.rows("SELECT * FROM release ORDER BY published_ms DESC, id", []).map(Release.init) }
    }

    package func release(_ reference: String) async throws -> Release { try await database.read { try Release.find(reference, $0) } }

    /// Given to nobody any more, and its files are gone from the hub. Devices that have it keep it; its roll-outs end.
    package func withdrawRelease(_ reference: String, by actor: Actor) async throws -> Release {
        try await act(actor) { connection, trail, now in
            let release: Release = try .find(reference, connection)
            guard release.withdrawn == nil else { return release }
            let id: [SQLValue] = [.text(release.id.rawValue)]
            try connection.execute("UPDATE release SET withdrawn_ms = ? WHERE id = ?", [.integer(now.milliseconds)] + id)
            try connection.execute(
                "UPDATE rollout SET state = 'cancelled', reason = 'the release was withdrawn' WHERE release_id = ? AND state <> 'cancelled'", id)
            try connection.execute(
                """
                DELETE FROM release_chunk WHERE sha256 IN (SELECT sha256 FROM release_file WHERE release_id = ?) AND sha256 NOT IN (
                    SELECT sha256 FROM release_file JOIN release ON release.id = release_id WHERE withdrawn_ms IS NULL)
                """, id)
            try trail.record(.releaseWithdraw, subject: release.id.rawValue)
            return try .find(release.id, connection)
        }
    }
}
