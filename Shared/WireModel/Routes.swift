/// The paths that devices and hub agree on.
package enum Routes {
    /// The hub authority's certificate, PEM. Fetched before trust, believed only if its fingerprint is the join token's, or the one named at the device.
    package static let authority: String = "/edge/v1/authority"
    package static let enrol: String = "/edge/v1/enrol"
    /// A device without a token asks here again and again until an operator has decided.
    package static let waiting: String = "/edge/v1/waiting"
    package static let certificate: String = "/edge/v1/certificate"
    package static let sync: String = "/edge/v1/sync"
    /// A release's signed manifest; its files below `/files/` by their SHA-256.
    package static let releases: String = "/edge/v1/releases"
    package static let health: String = "/healthz"
    package static let readiness: String = "/readyz"
    package static let metrics: String = "/metrics"
}

package enum MediaType {
    package static let json: String = "application/json"
    /// RFC 9457.
    package static let problem: String = "application/problem+json"
    package static let certificate: String = "application/x-pem-file"
    /// RFC 7578.
    package static let form: String = "multipart/form-data"
    /// A picture alone; its bytes say what it is.
    package static let pictures: [String] = ["image/jpeg", "image/png", "application/octet-stream"]
}
