import EdgeStore
import FoundationEssentials
import SwiftASN1
import WireModel
import X509

/// From when until when a device's certificate counts.
package struct CertificateTerm: Sendable, Hashable {
    package let begin: Timestamp
    package let end: Timestamp

    /// - Returns: `nil` when the certificate cannot be read.
    package init?(_ pem: String) {
        guard let certificate = try? Certificate(pemEncoded: pem) else { return nil }
        begin = Timestamp(milliseconds: Int64(certificate.notValidBefore.timeIntervalSince1970 * 1_000))
        end = Timestamp(milliseconds: Int64(certificate.notValidAfter.timeIntervalSince1970 * 1_000))
    }

    /// When two thirds of its life are over.
    package var renewal: Timestamp { begin.advanced(by: .milliseconds(end.since(begin).wholeMilliseconds / 3 * 2)) }
}

extension DeviceIdentity {
    /// `nil` when its certificate cannot be read.
    package var certificateEnd: Timestamp? { CertificateTerm(certificatePEM)?.end }
}
