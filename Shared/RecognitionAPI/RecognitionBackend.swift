import Biometrics
import WireModel

/// What the recognition routes stand on: the hub's galleries of many accounts, or a device's one. The routes read
/// pictures, judge faces and decide; a backend keeps persons and templates, finds the most alike, and records.
///
/// Every method sees and changes what the caller may see and change; anything else is `not_found`, like what is not there.
/// What they throw becomes a problem document by `Problem(describing:)`.
package protocol RecognitionBackend: Sendable {
    /// For whom a call is made: on the hub account, application and key; on a device nothing.
    associatedtype Caller: Sendable

    /// Where pictures are analysed.
    var pictures: PipelinePool { get }

    // MARK: Galleries

    /// - Parameter cursor: what the page before gave as `next`; one that was never given is `invalid_request`.
    func galleries(after cursor: String?, limit: Int, for caller: Caller) async throws -> Page<GalleryResult>
    func addGallery(_ draft: GalleryDraft, for caller: Caller) async throws -> GalleryResult
    func gallery(_ id: GalleryID, for caller: Caller) async throws -> GalleryResult
    func change(_ id: GalleryID, _ change: GalleryChange, for caller: Caller) async throws -> GalleryResult
    /// Erases its persons with it.
    func removeGallery(_ id: GalleryID, for caller: Caller) async throws

    // MARK: Persons

    /// - Parameter label: only the person with this very label.
    func persons(of gallery: GalleryID, label: String?, after cursor: String?, limit: Int, for caller: Caller) async throws -> Page<PersonResult>
    /// - Throws: `conflict` when the gallery has a person of that label.
    func addPerson(_ draft: PersonDraft, to gallery: GalleryID, for caller: Caller) async throws -> PersonResult
    func person(_ id: PersonID, of gallery: GalleryID, for caller: Caller) async throws -> PersonResult
    /// - Throws: `conflict` when the gallery has another person of the new label.
    func change(_ id: PersonID, of gallery: GalleryID, _ change: PersonChange, for caller: Caller) async throws -> PersonResult
    /// Erases the person: templates, label, consent and key.
    func erase(_ id: PersonID, of gallery: GalleryID, for caller: Caller) async throws

    // MARK: Templates

    /// Oldest first.
    func templates(of person: PersonID, in gallery: GalleryID, for caller: Caller) async throws -> [TemplateResult]
    /// - Returns: the template kept, and whether it is new: of the very same numbers a person has one.
    func add(_ draft: TemplateDraft, to person: PersonID, in gallery: GalleryID, for caller: Caller) async throws -> (TemplateResult, isNew: Bool)
    func removeTemplate(_ id: TemplateID, of person: PersonID, in gallery: GalleryID, for caller: Caller) async throws
    /// The numbers, for the route that gives them out.
    /// - Throws: `templates_withheld` unless the caller's scope and the account's terms allow it.
    func templateData(_ id: TemplateID, of person: PersonID, in gallery: GalleryID, for caller: Caller) async throws -> Template

    // MARK: Recognition

    /// What the gallery's searches are decided at unless the call says otherwise.
    func targetFalseMatchRate(of gallery: GalleryID, for caller: Caller) async throws -> FalseMatchRate
    /// The persons most like each probe, in the order of the probes; each list best first, at most `limit`. Labels only where `labelled`.
    func candidates(_ probes: [Template], limit: Int, labelled: Bool, in gallery: GalleryID, for caller: Caller) async throws -> [[CandidateResult]]
    /// All templates of a person, or the one named, for a comparison: they stay inside the process.
    func references(_ reference: StoredReference, in gallery: GalleryID, for caller: Caller) async throws -> [Template]
    /// Told of every decision before the caller is. A device journals them and spends its lease, and refuses by throwing; the hub, whose
    /// metering is around the route, keeps the use of the gallery on record.
    /// - Returns: journal entries, one a decision; `nil` where there is no journal.
    func record(_ decisions: [DecisionRecord], of use: DecidedUse, for caller: Caller) async throws -> [Int64?]

    // MARK: Imports

    func addImport(_ draft: ImportDraft, to gallery: GalleryID, for caller: Caller) async throws -> ImportResult
    func importState(_ id: ImportID, of gallery: GalleryID, for caller: Caller) async throws -> ImportResult
    /// No more rows.
    func closeImport(_ id: ImportID, of gallery: GalleryID, for caller: Caller) async throws -> ImportResult
    /// Results by the order in which rows were first sent.
    func importRows(
        of id: ImportID, in gallery: GalleryID, outcome: ImportRowOutcome?, after cursor: String?, limit: Int, for caller: Caller
    ) async throws -> Page<ImportRowResult>
    /// Which of these rows are accepted already, so that their pictures need not be looked at again; `conflict` when the import is closed.
    func acceptedRows(_ rows: [String], of id: ImportID, in gallery: GalleryID, for caller: Caller) async throws -> [String: ImportRowResult]
    /// Keeps one row's outcome, with what it makes, in one transaction. A person named by label is made where the gallery has none.
    /// - Returns: what the row came to: `duplicate` when it was accepted before or the person has this very template.
    func add(_ row: ImportRowDraft, to id: ImportID, in gallery: GalleryID, for caller: Caller) async throws -> ImportRowResult
}

/// A reference that is in a gallery.
package enum StoredReference: Sendable, Hashable {
    case person(PersonID)
    case template(TemplateID)
}

/// What decisions were made for.
package enum DecidedUse: Sendable, Hashable {
    case search(GalleryID)
    /// `nil`: two pictures, no gallery.
    case compare(GalleryID?)

    package var api: APIName {
        switch self {
        case .search: .search
        case .compare: .compare
        }
    }

    package var gallery: GalleryID? {
        switch self {
        case .search(let gallery): gallery
        case .compare(let gallery): gallery
        }
    }
}
