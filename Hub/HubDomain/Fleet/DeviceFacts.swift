import FoundationEssentials
import HubStorage
import SwiftASN1
import WireModel
import X509

/// What a device has of the hub's: by which certificate it is known, and what it may spend.
package struct DeviceFacts: Sendable {
    package struct Lease: Sendable {
        package let api: APIName
        package let number: Int64
        /// Units that it may still report of the reserved ones.
        package let remaining: Int64
        package let spent: Int64
        package let notAfter: Timestamp
        /// When what was left went back.
        package let settled: Timestamp?
    }

    /// Of its key, as it was compared when it joined.
    package let fingerprint: KeyFingerprint?
    package let certificateSerial: String
    package let certificateEnds: Timestamp?
    /// Whether another certificate is made and not used yet.
    package let hasNextCertificate: Bool
    /// Of its present journal.
    package let leases: [Lease]
    /// What it says it works by; `nil` before it has told, or where it is older than what the hub remembers.
    package let works: DeviceConfiguration?
}

extension Hub {
    package func deviceFacts(_ id: DeviceID) async throws -> DeviceFacts {
        try await database.read { connection in
            guard let row = try connection.firstRow("SELECT * FROM device WHERE id = ?", [.text(id.rawValue)]) else { throw Device.missing(id) }
            let leases: [SQLRow] = try connection.rows(
                "SELECT * FROM allotment WHERE device_id = ? AND epoch = ? ORDER BY api", [.text(id.rawValue), .integer(try row.integer("journal_epoch"))])
            let reported: ReportedState? = try row.textOrNil("reported").flatMap { try? JSON.value(ReportedState.self, from: $0) }
            let works: DeviceConfiguration? = try reported.flatMap { state in
                if state.configuration == (try JSON.mark(DeviceConfiguration.standard)) { return .standard }
                return try connection.firstRow("SELECT body FROM sent_configuration WHERE mark = ?", [.text(state.configuration)]).map {
                    try JSON.value(DeviceConfiguration.self, from: try $0.text("body"))
                }
            }
            let ends: Date? = (try? Certificate(pemEncoded: try row.text("certificate_pem")))?.notValidAfter
            return DeviceFacts(
                fingerprint: KeyFingerprint(thumbprint: try row.text("key_thumbprint")), certificateSerial: try row.text("certificate_serial"),
                certificateEnds: ends.map { Timestamp(milliseconds: Int64($0.timeIntervalSince1970) * 1_000) },
                hasNextCertificate: try row.textOrNil("next_certificate_serial") != nil,
                leases: try leases.map(Allotment.init).map {
                    DeviceFacts.Lease(
                        api: $0.key.api, number: $0.number, remaining: $0.remaining, spent: $0.spent, notAfter: $0.notAfter, settled: $0.settled)
                }, works: works)
        }
    }
}
