import Crypto
import EdgeStore
import HubClient

extension SecureLink {
    /// To the hub that a device has joined.
    package init(store: EdgeStore, timeout: Duration = .seconds(30)) throws {
        let identity: DeviceIdentity = try store.identity()
        self.init(client: try HubClient(hub: identity.hub, timeout: timeout), authorityPEM: identity.authorityPEM) {
            let identity: DeviceIdentity = try store.identity()
            return ClientCredential(certificatePEM: identity.certificatePEM, keyPEM: identity.key.pemRepresentation)
        }
    }
}
