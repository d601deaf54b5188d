import EdgeStore
import FoundationEssentials
import SwiftASN1
import WireModel
import X509

package enum CertificateTerm {
    /// When the device's certificate ends; `nil` when it cannot be read.
    package static func end(of identity: DeviceIdentity) -> Timestamp? {
        (try? Certificate(pemEncoded: identity.certificatePEM)).map {
            Timestamp(milliseconds: Int64($0.notValidAfter.timeIntervalSince1970 * 1_000))
        }
    }
}
