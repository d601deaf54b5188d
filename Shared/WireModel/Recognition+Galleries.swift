/// One part of a list, and where to go on.
package struct Page<Item: Sendable & Codable>: Sendable, Codable {
    package let items: [Item]
    /// To be sent as `cursor` for what follows; absent at the end.
    package let next: String?

    package init(items: [Item], next: String?) {
        self.items = items
        self.next = next
    }
}

/// Persons that are searched together.
package struct GalleryResult: Sendable, Codable, Hashable {
    package let id: GalleryID
    package let name: String
    package let created: Timestamp
    package let persons: Int64
    package let templates: Int64
    /// Whose templates the gallery holds.
    package let model: String
    /// The false-match rate that searches of this gallery are decided at unless a call names another: one of those offered.
    package let targetFalseMatchRate: Double
    /// The threshold of that rate.
    package let threshold: Float
    /// A person is erased so many days after being added; absent: when consent ends or the caller says so.
    package let retentionDays: Int64?
    /// What a live presentation at a device must show before a match of this gallery is one; absent: nothing.
    package let pad: PADPolicy?

    package init(
        id: GalleryID, name: String, created: Timestamp, persons: Int64, templates: Int64, model: String, targetFalseMatchRate: Double, threshold: Float,
        retentionDays: Int64?, pad: PADPolicy? = nil
    ) {
        self.pad = pad
        self.id = id
        self.name = name
        self.created = created
        self.persons = persons
        self.templates = templates
        self.model = model
        self.targetFalseMatchRate = targetFalseMatchRate
        self.threshold = threshold
        self.retentionDays = retentionDays
    }
}

/// What a person agreed to; without it nobody is enrolled.
package struct ConsentRecord: Sendable, Codable, Hashable {
    /// Where the caller keeps the person's consent.
    package let reference: String
    /// What it was given for.
    package let purpose: String
    package let given: Timestamp
    /// The person is erased then.
    package let expires: Timestamp?
    /// Where the guardian's consent is kept; needed for a minor.
    package let guardian: String?
    /// The person agreed that their templates are kept on terminals too: without it they never leave the hub (P1).
    package let onDevices: Bool

    package init(reference: String, purpose: String, given: Timestamp, expires: Timestamp? = nil, guardian: String? = nil, onDevices: Bool = false) {
        self.reference = reference
        self.purpose = purpose
        self.given = given
        self.expires = expires
        self.guardian = guardian
        self.onDevices = onDevices
    }

    /// Consent that does not speak of devices was not given for them.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            reference: try container.decode(String.self, forKey: .reference), purpose: try container.decode(String.self, forKey: .purpose),
            given: try container.decode(Timestamp.self, forKey: .given), expires: try container.decodeIfPresent(Timestamp.self, forKey: .expires),
            guardian: try container.decodeIfPresent(String.self, forKey: .guardian),
            onDevices: try container.decodeIfPresent(Bool.self, forKey: .onDevices) ?? false)
    }
}

/// A person of a gallery.
package struct PersonResult: Sendable, Codable, Hashable {
    package let id: PersonID
    /// The caller's own reference, unique in its gallery.
    package let label: String
    package let isMinor: Bool
    /// Absent only for persons enrolled at a device's command line.
    package let consent: ConsentRecord?
    package let templates: Int64
    package let created: Timestamp

    package init(id: PersonID, label: String, isMinor: Bool, consent: ConsentRecord?, templates: Int64, created: Timestamp) {
        self.id = id
        self.label = label
        self.isMinor = isMinor
        self.consent = consent
        self.templates = templates
        self.created = created
    }
}

/// A template, without its numbers.
package struct TemplateResult: Sendable, Codable, Hashable {
    package let id: TemplateID
    package let model: String
    /// Of the face it was made of; absent where it was not kept.
    package let quality: QualityResult?
    package let created: Timestamp

    package init(id: TemplateID, model: String, quality: QualityResult?, created: Timestamp) {
        self.id = id
        self.model = model
        self.quality = quality
        self.created = created
    }
}

/// A template's numbers: only for callers whose scope says so.
package struct TemplateData: Sendable, Codable, Hashable {
    package let id: TemplateID
    package let model: String
    /// Unit length.
    package let values: [Float]

    package init(id: TemplateID, model: String, values: [Float]) {
        self.id = id
        self.model = model
        self.values = values
    }
}
