import HubStorage
import WireModel

/// The texts that come with the hub: version 1 of each document, from the hub's first moment. What the operator
/// publishes later takes their place.
enum ShippedAgreements {
    private static let documents: [(name: String, rule: AcceptanceRule, en: [UInt8], zh: [UInt8])] = [
        ("general", .explicit, PackageResources.general_en_md, PackageResources.general_zh_md),
        ("face-data", .explicit, PackageResources.face_data_en_md, PackageResources.face_data_zh_md),
        ("api:face.search", .explicit, PackageResources.api_face_search_en_md, PackageResources.api_face_search_zh_md),
        ("api:face.compare", .continuedUse, PackageResources.api_face_compare_en_md, PackageResources.api_face_compare_zh_md),
    ]

    static func publish(_ connection: any SQLConnection, trail: AuditTrail, now: Timestamp) throws {
        let agreements = Agreements(connection: connection)
        for document in documents {
            let isThere: Bool =
                try connection.firstRow("SELECT id FROM agreement_version WHERE document = ? LIMIT 1", [.text(document.name)]) != nil
            if isThere { continue }
            _ = try agreements.publish(
                AgreementDraft(
                    document: document.name, rule: document.rule, effective: now,
                    texts: [.en: String(decoding: document.en, as: UTF8.self), .zh: String(decoding: document.zh, as: UTF8.self)]),
                trail: trail, now: now)
        }
    }
}
