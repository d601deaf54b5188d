import CurlTransfer
import WireModel

/// The way a sync takes to the hub and back: libcurl in an agent; in tests also what loses, repeats and reorders.
package protocol HubLink: Sendable {
    /// - Throws: what kept the answer from coming; the hub may have taken in the request all the same.
    func sync(_ request: SyncRequest) async throws(HubClientError) -> SyncResponse

    /// Bytes on the wire so far, those of exchanges that failed included.
    var traffic: TransferTraffic { get async }
}

extension HubLink {
    package var traffic: TransferTraffic { get async { .none } }
}

/// One device's link over mutual TLS.
package struct SecureLink: HubLink {
    private let client: HubClient
    private let authorityPEM: String
    private let credential: ClientCredential

    package init(client: HubClient, authorityPEM: String, credential: ClientCredential) {
        self.client = client
        self.authorityPEM = authorityPEM
        self.credential = credential
    }

    package func sync(_ request: SyncRequest) async throws(HubClientError) -> SyncResponse {
        try await client.sync(request, authorityPEM: authorityPEM, credential: credential)
    }

    package var traffic: TransferTraffic { get async { await client.traffic } }
}
