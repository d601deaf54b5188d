import HTTPTypes
import HubDomain
import WireModel

/// `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10): what is left, of which policy.
enum RateHeaders {
    static func set(_ rates: [RateStatus], on headers: inout HTTPFields) {
        guard !rates.isEmpty else { return }
        headers[.rateLimitPolicy] = rates.map { "\"\($0.name)\";q=\($0.calls);w=\($0.seconds)" }.joined(separator: ", ")
        headers[.rateLimit] = rates.map { "\"\($0.name)\";r=\($0.remaining);t=\($0.reset)" }.joined(separator: ", ")
    }
}

extension HTTPField.Name {
    static var rateLimit: Self { Self("RateLimit")! }
    static var rateLimitPolicy: Self { Self("RateLimit-Policy")! }
    static var idempotencyKey: Self { Self("Idempotency-Key")! }
    static var idempotencyReplayed: Self { Self("Idempotency-Replayed")! }
    static var vultusVariant: Self { Self("Vultus-Variant")! }
    static var vultusRecord: Self { Self("Vultus-Record")! }
    static var vultusUnits: Self { Self("Vultus-Units")! }
}
