import Biometrics
import EdgeStore
import GallerySearch
import PresentationAttack
import RecognitionAPI
import WireModel

/// A gallery that a face is looked for in, and what decides there.
struct SearchPlace {
    /// `nil` for the device's own.
    let gallery: GalleryID?
    let rule: DecisionRule
    /// What a live presentation must show before a match here is one.
    var presentation: PresentationRequirements = []
}

/// The best of one gallery.
struct PlacedHit {
    let hit: GalleryHit<PersonID>
    let place: SearchPlace

    var isMatch: Bool { place.rule.isMatch(hit.score) }

    /// A match before what is none, then the higher score.
    func isBetter(than other: PlacedHit) -> Bool {
        isMatch != other.isMatch ? isMatch : hit.score > other.hit.score
    }
}

extension HeldGallery {
    /// The rate offered that is nearest to the one wanted and not laxer; the strictest where the hub wants a stricter one still.
    func rule(for model: ModelID) throws(Problem) -> DecisionRule {
        let offered: [FalseMatchRate] = FalseMatchRate.offered.sorted { $0.rawValue > $1.rawValue }
        // Rates are written in decimal: a hair's breadth is no difference.
        let rate: FalseMatchRate? = offered.first { $0.rawValue <= targetFalseMatchRate * (1 + 1e-6) } ?? offered.last
        guard let rate else { throw Problem(.internalFault, "No false-match rate is offered.", remedy: "Run `vultus-edge doctor`.") }
        return try DecisionRule(model: model, target: rate)
    }
}

extension DecisionRecord {
    func placed(in gallery: GalleryID?) -> DecisionRecord {
        DecisionRecord(
            outcome: outcome, person: person, gallery: gallery, score: score, threshold: threshold, falseMatchRate: falseMatchRate, model: model,
            refusals: refusals, overdraft: overdraft, late: late, pad: pad)
    }
}
