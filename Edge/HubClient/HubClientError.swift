import CurlTransfer
import WireModel

/// Why a call to the hub had no answer of the expected kind.
package enum HubClientError: Error, Sendable {
    /// No connection: refused, no route, no such name. Retry later; everything works offline meanwhile.
    case unreachable(hub: String, reason: String)
    /// Connected, but no answer in time. Retry later.
    case timedOut(hub: String)
    /// Connected, and cut off before the answer was complete; the hub may have taken the request in. Retry, with less at a time.
    case cut(hub: String, reason: String)
    /// The hub's certificate is not from the authority this device trusts. Fatal until an operator looks.
    case untrusted(hub: String, reason: String)
    /// The hub's authority is not the one that was named, by the join token or at the device. Nothing was sent.
    case wrongAuthority(hub: String, expected: String, found: String)
    /// The hub did not accept this device's certificate.
    case certificateRefused(hub: String)
    /// The address is not `https://host[:port]`.
    case badAddress(String)
    /// The hub declined, and said why.
    case declined(Problem)
    /// The hub declined for now, and said when to come again: not before.
    case askedToWait(Problem, Duration)
    /// The hub answered something that is not of this protocol.
    case misbehaved(hub: String, status: Int, what: String)
    /// The device's clock was another at each of several exchanges, or each took minutes to arrive. Nothing was taken in; retry later.
    case clockUnsteady(hub: String)
    /// libcurl itself failed.
    case library(code: UInt32, reason: String)

    /// Whether the same call may succeed later without anything being changed.
    package var isTransient: Bool {
        switch self {
        case .unreachable, .timedOut, .cut, .askedToWait, .clockUnsteady: true
        case .declined(let problem): problem.code.status >= 500
        case .misbehaved(_, let status, _): status >= 500
        default: false
        }
    }

    /// Whether the hub did not take the certificate for this device's: another of the same key may do.
    package var isAboutCertificate: Bool {
        switch self {
        case .certificateRefused: true
        case .declined(let problem): problem.code == .certificateRefused
        default: false
        }
    }

    /// How long the hub asked to be left alone.
    package var retryAfter: Duration? {
        if case .askedToWait(_, let duration) = self { return duration }
        return nil
    }

    /// Whether less at a time may get through where this did not.
    package var mayBeSize: Bool {
        switch self {
        case .timedOut, .cut: true
        case .declined(let problem): problem.code == .bodyTooLarge
        case .misbehaved(_, let status, _): status == 413
        default: false
        }
    }
}

extension HubClientError {
    init(_ fault: CurlTransferError, hub: String) {
        switch fault {
        case .couldNotConnect(let reason): self = .unreachable(hub: hub, reason: reason)
        case .cut(let reason): self = .cut(hub: hub, reason: reason)
        case .timedOut: self = .timedOut(hub: hub)
        case .untrusted(let reason): self = .untrusted(hub: hub, reason: reason)
        case .clientCertificateRefused: self = .certificateRefused(hub: hub)
        case .badAddress: self = .badAddress(hub)
        case .tooLarge(let limit): self = .misbehaved(hub: hub, status: 0, what: "an answer of more than \(limit) bytes")
        case .library(let code, let reason): self = .library(code: code, reason: reason)
        case .forbiddenAddress, .refused, .sessionRefused, .notOffered: self = .library(code: 0, reason: "not of an exchange with a hub")
        }
    }
}

extension HubClientError: ProblemConvertible {
    package var problem: Problem {
        switch self {
        case .unreachable(let hub, let reason):
            Problem(
                .hubUnreachable, "The hub cannot be reached.", detail: "\(hub): \(reason)",
                remedy: "Recognition goes on under the lease; sync again when the network is back.")
        case .timedOut(let hub):
            Problem(.hubTimedOut, "The hub did not answer in time.", detail: hub, remedy: "Nothing was lost; sync again later.")
        case .cut(let hub, let reason):
            Problem(
                .hubUnreachable, "The connection to the hub was cut before its answer was complete.", detail: "\(hub): \(reason)",
                remedy: "Nothing was lost; sync again when the network is better.")
        case .untrusted(let hub, let reason):
            Problem(
                .hubUntrusted, "The hub's certificate is not from the authority this device trusts.", detail: "\(hub): \(reason)",
                remedy:
                    "Check the address. If the hub was set up anew, join it again with a new token; otherwise someone may be between the device and the hub.")
        case .wrongAuthority(let hub, let expected, let found):
            Problem(
                .hubUntrusted, "This is not the hub that is meant: its authority is another. Nothing was sent to it.",
                detail: "\(hub): authority \(found.prefix(16))…, meant was \(expected.prefix(16))…",
                remedy: "Check the address, and the token or --authority, with the operator.")
        case .certificateRefused(let hub):
            Problem(
                .certificateRefused, "The hub refused this device's certificate.", detail: hub,
                remedy: "It may belong to another hub, have expired or been revoked: ask the operator for a new join token.")
        case .badAddress(let address):
            Problem(.invalidRequest, "That is not the address of a hub.", detail: address, remedy: "Write it as https://host or https://host:port.")
        case .declined(let problem), .askedToWait(let problem, _):
            problem
        case .misbehaved(let hub, let status, let what):
            Problem(
                .hubMisbehaved, "The hub's answer could not be understood.", detail: "\(hub): HTTP \(status), \(what)",
                remedy: "Check that the address is a Vultus hub of a matching version.")
        case .clockUnsteady(let hub):
            Problem(
                .hubTimedOut, "The device's clock keeps changing, or the network takes minutes to carry a request.", detail: hub,
                remedy: "Nothing was lost. Set the clock (`timedatectl set-ntp true`), or sync again over a better network.")
        case .library(let code, let reason):
            Problem(
                .internalFault, "The network library failed.", detail: "libcurl \(code): \(reason)", remedy: "Run `vultus-edge doctor` and report its output.")
        }
    }
}
