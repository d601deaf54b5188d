import RecognitionAPI
import WireModel

/// One decision, as other programs are told of it: no picture, no template.
package struct DecisionNotice: Sendable, Encodable {
    /// `decided` and `returned` as for passages; `left` when a track ended, with no more than its track.
    package let kind: PassageEvent.Kind
    package let time: Timestamp
    /// The camera's frame, the picture's path, or `api` for a call of the device's own API.
    package let source: String
    /// What it is metered as.
    package let api: APIName
    package var outcome: DecisionOutcome?
    /// Only for `match`.
    package var person: PersonID?
    /// What the person is called on this device.
    package var label: String?
    /// The gallery of the hub's that the answer rests on; absent for the device's own.
    package var gallery: GalleryID?
    package var score: Float?
    package var threshold: Float?
    /// Of the threshold, per comparison.
    package var falseMatchRate: Double?
    package var model: String?
    /// For `undecided`: why.
    package var refusals: [ProblemCode]?
    /// Of the journal.
    package var entry: Int64?
    /// Pixels of the upright picture; not of a call.
    package var box: FaceArea?
    package var quality: QualityResult?
    // Of a film, as in `PassageEvent`.
    package var track: Int64?
    package var votes: Int?
    package var agreeing: Int?
    package var isRepeat: Bool?
    package var latencyMilliseconds: Int64?
    package var zone: String?

    /// Of one face of a picture.
    package init(_ face: FaceResult, source: String, label: String?, at time: Timestamp) {
        (kind, self.time, self.source, api) = (.decided, time, source, .search)
        take(face, label)
    }

    package init(_ passage: PassageEvent, source: String, label: String?, at time: Timestamp) {
        (kind, self.time, self.source, api) = (passage.kind, time, source, .search)
        if let face = passage.face { take(face, label) }
        (track, votes, agreeing, isRepeat) = (passage.track, passage.votes, passage.agreeing, passage.isRepeat)
        (latencyMilliseconds, zone) = (passage.latencyMilliseconds, passage.zone)
    }

    /// Of a call of the device's own API.
    init(_ record: DecisionRecord, of api: APIName, entry: Int64, label: String?, at time: Timestamp) {
        (kind, self.time, source, self.api) = (.decided, time, "api", api)
        take(record, label)
        self.entry = entry
    }

    private mutating func take(_ face: FaceResult, _ label: String?) {
        take(DecisionRecord(face), label)
        (entry, box, quality) = (face.entry, face.box, face.quality)
    }

    private mutating func take(_ record: DecisionRecord, _ label: String?) {
        (outcome, person, gallery, self.label) = (record.outcome, record.person, record.gallery, label)
        (score, threshold, falseMatchRate, model) = (record.score, record.threshold, record.falseMatchRate, record.model)
        refusals = record.refusals.isEmpty ? nil : record.refusals
    }
}
