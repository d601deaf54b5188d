import CurlTransfer
import WireModel

/// The way a sync takes to the hub and back: libcurl in an agent; in tests also what loses, repeats and reorders.
package protocol HubLink: Sendable {
    /// - Throws: what kept the answer from coming; the hub may have taken in the request all the same.
    func sync(_ request: SyncRequest) async throws(HubClientError) -> SyncResponse

    /// Another certificate for this device's key; needs none to ask.
    /// - Returns: `nil` where there are no certificates.
    func renewCertificate(_ request: CertificateRequest) async throws(HubClientError) -> CertificateAnswer?

    /// Bytes on the wire so far, those of exchanges that failed included.
    var traffic: TransferTraffic { get async }
}

extension HubLink {
    package var traffic: TransferTraffic { get async { .none } }

    package func renewCertificate(_ request: CertificateRequest) async throws(HubClientError) -> CertificateAnswer? { nil }
}

/// One device's link over mutual TLS.
package struct SecureLink: HubLink {
    let client: HubClient
    let authorityPEM: String
    /// Asked for every time: a certificate may have been renewed.
    private let credential: @Sendable () throws -> ClientCredential

    package init(client: HubClient, authorityPEM: String, credential: @escaping @Sendable () throws -> ClientCredential) {
        self.client = client
        self.authorityPEM = authorityPEM
        self.credential = credential
    }

    var proof: ClientCredential {
        get throws(HubClientError) {
            guard let credential = try? credential() else { throw .library(code: 0, reason: "the device's key cannot be read") }
            return credential
        }
    }

    package func sync(_ request: SyncRequest) async throws(HubClientError) -> SyncResponse {
        try await client.sync(request, authorityPEM: authorityPEM, credential: try proof)
    }

    package func renewCertificate(_ request: CertificateRequest) async throws(HubClientError) -> CertificateAnswer? {
        try await client.renewCertificate(request, authorityPEM: authorityPEM)
    }

    package var traffic: TransferTraffic { get async { await client.traffic } }
}
