/// What a device has of the hub's changes: part of a sync's request.
package struct FeedState: Sendable, Codable, Hashable {
    /// As the hub last gave it; `nil` for everything from the start. Nobody but the hub reads it.
    package let cursor: String?
    /// Of each gallery the device holds to its end: ``GalleryDigest``.
    package let digests: [GalleryID: GalleryDigest]

    package init(cursor: String?, digests: [GalleryID: GalleryDigest]) {
        self.cursor = cursor
        self.digests = digests
    }
}

/// A part of the hub's changes, in order: part of a sync's answer.
///
/// Each change names a whole state and may be applied again. A device saves `cursor` in the transaction that applies the changes,
/// and asks for the next part at once while `isComplete` is false.
package struct FeedPage: Sendable, Codable, Hashable {
    package let changes: [FeedChange]
    package let cursor: String
    package let isComplete: Bool

    package init(changes: [FeedChange], cursor: String, isComplete: Bool) {
        self.changes = changes
        self.cursor = cursor
        self.isComplete = isComplete
    }
}

package enum FeedChange: Sendable, Hashable {
    /// Takes the place of the whole former one.
    case configuration(DeviceConfiguration)
    /// The device's group has this gallery, on these terms.
    case gallery(FeedGallery)
    /// The device has no longer any business with this gallery: everybody of it is to be erased, with a receipt for all.
    case galleryWithdrawn(GalleryID)
    /// Everybody of this gallery follows; who has not come by its `galleryComplete` is to be erased.
    case galleryRestart(GalleryID)
    /// The person as they are now. Erases whatever templates are not named.
    case person(FeedPerson)
    /// To be erased, with a receipt, whether or not the device ever had them.
    case personErased(GalleryID, PersonID)
    /// Up to date: the device's digest must be this one, otherwise it asks for the gallery from the start. Renews the gallery's term.
    case galleryComplete(GalleryID, GalleryDigest)
}

package struct FeedGallery: Sendable, Codable, Hashable {
    package let id: GalleryID
    package let name: String
    /// What its searches are decided at: one of the rates offered.
    package let targetFalseMatchRate: Double
    /// A device that has not been told `galleryComplete` for so long matches nobody of it any more, and erases it.
    package let termMilliseconds: Int64
    /// What a live presentation must show before a match of this gallery is one; `nil`: nothing.
    package let pad: PADPolicy?

    package init(id: GalleryID, name: String, targetFalseMatchRate: Double, termMilliseconds: Int64, pad: PADPolicy? = nil) {
        self.pad = pad
        self.id = id
        self.name = name
        self.targetFalseMatchRate = targetFalseMatchRate
        self.termMilliseconds = termMilliseconds
    }
}

package struct FeedPerson: Sendable, Codable, Hashable {
    package let gallery: GalleryID
    package let id: PersonID
    package let label: String
    /// Consent or retention is over then: the device erases the person by itself.
    package let ends: Timestamp
    /// The gallery's version of this state.
    package let version: Int64
    package let templates: [FeedTemplate]

    package init(gallery: GalleryID, id: PersonID, label: String, ends: Timestamp, version: Int64, templates: [FeedTemplate]) {
        self.gallery = gallery
        self.id = id
        self.label = label
        self.ends = ends
        self.version = version
        self.templates = templates
    }
}

package struct FeedTemplate: Sendable, Codable, Hashable {
    package let id: TemplateID
    package let model: String
    /// Float32, little-endian.
    package let values: Base64

    package init(id: TemplateID, model: String, values: Base64) {
        self.id = id
        self.model = model
        self.values = values
    }
}

extension FeedChange: Codable {
    private enum CodingKeys: String, CodingKey {
        case configuration, gallery, galleryWithdrawn, galleryRestart, person, personErased, galleryComplete
    }

    private struct ErasedPerson: Codable {
        let gallery: GalleryID
        let person: PersonID
    }

    private struct Completion: Codable {
        let gallery: GalleryID
        let digest: GalleryDigest
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        guard let kind = container.allKeys.first, container.allKeys.count == 1 else {
            throw DecodingError.dataCorrupted(.init(codingPath: container.codingPath, debugDescription: "a change is an object of one key: its kind"))
        }
        switch kind {
        case .configuration: self = .configuration(try container.decode(DeviceConfiguration.self, forKey: kind))
        case .gallery: self = .gallery(try container.decode(FeedGallery.self, forKey: kind))
        case .galleryWithdrawn: self = .galleryWithdrawn(try container.decode(GalleryID.self, forKey: kind))
        case .galleryRestart: self = .galleryRestart(try container.decode(GalleryID.self, forKey: kind))
        case .person: self = .person(try container.decode(FeedPerson.self, forKey: kind))
        case .personErased:
            let erased = try container.decode(ErasedPerson.self, forKey: kind)
            self = .personErased(erased.gallery, erased.person)
        case .galleryComplete:
            let completion = try container.decode(Completion.self, forKey: kind)
            self = .galleryComplete(completion.gallery, completion.digest)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .configuration(let value): try container.encode(value, forKey: .configuration)
        case .gallery(let value): try container.encode(value, forKey: .gallery)
        case .galleryWithdrawn(let id): try container.encode(id, forKey: .galleryWithdrawn)
        case .galleryRestart(let id): try container.encode(id, forKey: .galleryRestart)
        case .person(let value): try container.encode(value, forKey: .person)
        case .personErased(let gallery, let person): try container.encode(ErasedPerson(gallery: gallery, person: person), forKey: .personErased)
        case .galleryComplete(let gallery, let digest): try container.encode(Completion(gallery: gallery, digest: digest), forKey: .galleryComplete)
        }
    }
}
