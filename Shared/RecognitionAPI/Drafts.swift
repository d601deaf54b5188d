import Biometrics
import WireModel

package struct GalleryDraft: Sendable, Hashable {
    package let name: String
    package let target: FalseMatchRate
    package let retentionDays: Int64?
    package let pad: PADPolicy

    package init(name: String, target: FalseMatchRate, retentionDays: Int64?, pad: PADPolicy = .off) {
        self.pad = pad
        self.name = name
        self.target = target
        self.retentionDays = retentionDays
    }
}

/// `nil` leaves a member as it is.
package struct GalleryChange: Sendable, Hashable {
    package let name: String?
    package let target: FalseMatchRate?
    /// `.some(nil)` keeps persons without a limit.
    package let retentionDays: Int64??
    package let pad: PADPolicy?

    package init(name: String?, target: FalseMatchRate?, retentionDays: Int64??, pad: PADPolicy? = nil) {
        self.pad = pad
        self.name = name
        self.target = target
        self.retentionDays = retentionDays
    }
}

package struct PersonDraft: Sendable, Hashable {
    package let label: String
    package let isMinor: Bool
    package let consent: ConsentRecord

    /// - Throws: `invalid_request` for a minor without the guardian's consent, or a consent that ends before it begins.
    package init(label: String, isMinor: Bool, consent: ConsentRecord) throws(Problem) {
        guard !isMinor || consent.guardian != nil else {
            throw Problem(
                .invalidRequest, "A minor is enrolled only with a guardian's consent.", detail: "/consent/guardian: is missing",
                remedy: "Send consent.guardian: where the guardian's consent is kept.")
        }
        try consent.check()
        self.label = label
        self.isMinor = isMinor
        self.consent = consent
    }
}

/// `nil` leaves a member as it is.
package struct PersonChange: Sendable, Hashable {
    package let label: String?
    /// The whole new consent.
    package let consent: ConsentRecord?

    package init(label: String?, consent: ConsentRecord?) {
        self.label = label
        self.consent = consent
    }
}

/// A template about to be kept, and the quality of the face it was made of.
package struct TemplateDraft: Sendable {
    package let template: Template
    package let quality: QualityResult

    package init(template: Template, quality: QualityResult) {
        self.template = template
        self.quality = quality
    }
}

package struct ImportDraft: Sendable, Hashable {
    /// Rows that will be sent; the import closes by itself when so many are accepted or duplicate.
    package let total: Int64?

    package init(total: Int64?) { self.total = total }
}

/// One row as far as it came.
package struct ImportRowDraft: Sendable {
    package enum Person: Sendable, Hashable {
        case known(PersonID)
        /// The person of that label, made when there is none.
        case draft(PersonDraft)
    }

    package enum Content: Sendable {
        case template(TemplateDraft, of: Person)
        /// The picture or the row is at fault.
        case refused(Problem)
    }

    package let row: String
    package let content: Content

    package init(row: String, content: Content) {
        self.row = row
        self.content = content
    }
}
