import CurlTransfer
import WireModel

/// What a release is fetched from: a hub, or in tests whatever stands for one.
package protocol ReleaseSource: Sendable {
    func release(_ id: ReleaseID) async throws(HubClientError) -> SignedRelease

    /// A part of a file, from `offset` on: as much as asked for, or less.
    /// - Parameter count: 1…``ReleaseLimit/part``.
    func part(of file: ReleaseFile, in release: ReleaseID, at offset: Int64, count: Int) async throws(HubClientError) -> [UInt8]

    /// Bytes on the wire so far, those of exchanges that failed included.
    var traffic: TransferTraffic { get async }
}

extension HubClient {
    package func release(_ id: ReleaseID, authorityPEM: String, credential: ClientCredential) throws(HubClientError) -> SignedRelease {
        let answer: HTTPAnswer = try get("\(Routes.releases)/\(id)", [], authorityPEM, credential)
        guard answer.status == 200 else { throw refusal(answer) }
        guard let signed = try? JSON.value(SignedRelease.self, from: answer.body), signed.id == id else {
            throw .misbehaved(hub: hub, status: answer.status, what: "not the release asked for")
        }
        return signed
    }

    /// One range (RFC 9110 §14.2).
    package func part(
        of file: ReleaseFile, in release: ReleaseID, at offset: Int64, count: Int, authorityPEM: String, credential: ClientCredential
    ) throws(HubClientError) -> [UInt8] {
        let end: Int64 = min(offset + Int64(count), file.bytes)
        let answer: HTTPAnswer = try get("\(Routes.releases)/\(release)/files/\(file.sha256)", ["Range: bytes=\(offset)-\(end - 1)"], authorityPEM, credential)
        guard answer.status == 206 || answer.status == 200 else { throw refusal(answer) }
        // A proxy may have answered with the whole file; a hub with less than was asked for.
        if answer.status == 200 { return Array(answer.body.dropFirst(Int(offset)).prefix(count)) }
        guard (answer["content-range"] ?? "").hasPrefix("bytes \(offset)-"), (1...count).contains(answer.body.count) else {
            throw .misbehaved(hub: hub, status: answer.status, what: "not the range asked for")
        }
        return answer.body
    }

    private func get(_ path: String, _ headers: [String], _ authorityPEM: String, _ credential: ClientCredential) throws(HubClientError) -> HTTPAnswer {
        try exchange(
            path, body: nil, trust: .authority(Array(authorityPEM.utf8)),
            credential: TransferCredential(certificate: Array(credential.certificatePEM.utf8), key: Array(credential.keyPEM.utf8)), headers: headers)
    }
}

/// Releases of a device's own hub.
extension SecureLink: ReleaseSource {
    package func release(_ id: ReleaseID) async throws(HubClientError) -> SignedRelease {
        try await client.release(id, authorityPEM: authorityPEM, credential: try proof)
    }

    package func part(of file: ReleaseFile, in release: ReleaseID, at offset: Int64, count: Int) async throws(HubClientError) -> [UInt8] {
        try await client.part(of: file, in: release, at: offset, count: count, authorityPEM: authorityPEM, credential: try proof)
    }
}
