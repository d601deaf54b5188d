/// Error rates of presentation attack detection as ISO/IEC 30107-3 names them, at one threshold.
package struct PresentationErrorRates: Sendable, Hashable, Codable {
    /// Presentations of one kind: bona fide ones, or one species of attack instrument.
    package struct Species: Sendable, Hashable, Codable {
        package let name: String
        package let presentations: Int
        package let attack: Int
        package let bonaFide: Int
        /// No answer: no face, or too little seen.
        package let noResponse: Int
        /// For attacks, the share taken for bona fide (APCER); for bona fide presentations, the share taken for attacks (BPCER). Those without
        /// an answer count among the presentations and not among the errors: their share is ``nonResponseRate`` (APNRR, BPNRR).
        package let errorRate: Double
        package let nonResponseRate: Double
        /// Of each presentation that had an answer, in order of name.
        package let scores: [Double]
    }

    package let threshold: Double
    package let bonaFide: Species?
    /// By name.
    package let attacks: [Species]

    /// Of the species that deceives best; `nil` without attacks. A mean over species would hide it.
    package var worstAttackErrorRate: Double? { attacks.map(\.errorRate).max() }

    /// - Parameter outcomes: by species; `nil` names bona fide presentations.
    package init(threshold: Double, _ outcomes: [String?: [(outcome: PresentationReport.Outcome, score: Double)]]) {
        self.threshold = threshold
        var (bonaFide, attacks): (Species?, [Species]) = (nil, [])
        for (name, found) in outcomes where !found.isEmpty {
            let (attack, passed) = (found.count { $0.outcome == .attack }, found.count { $0.outcome == .bonaFide })
            let species = Species(
                name: name ?? "bona-fide", presentations: found.count, attack: attack, bonaFide: passed, noResponse: found.count - attack - passed,
                errorRate: Double(name == nil ? attack : passed) / Double(found.count),
                nonResponseRate: Double(found.count - attack - passed) / Double(found.count),
                scores: found.filter { $0.outcome != .undetermined }.map(\.score))
            if name == nil { bonaFide = species } else { attacks.append(species) }
        }
        self.bonaFide = bonaFide
        self.attacks = attacks.sorted { $0.name < $1.name }
    }
}
