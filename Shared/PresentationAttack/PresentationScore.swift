/// All cues in one number.
package struct PresentationScore: Sendable, Hashable {
    /// 0…1, higher is more like an attack: 1 − Π(1 − weight × suspicion), as independent witnesses of whom each may be right. A cue that
    /// could not tell says nothing; none speaks in favour, for a film of a living head has its depth too.
    package let value: Double
    /// One for each cue that could tell.
    package let readings: [CueReading]

    /// From here on a presentation is taken for an attack. Half: one clear cue, or two weak ones. Chosen by construction, not by error
    /// rates: `vultus-edge bench pad` measures those for a folder of labelled presentations, and Shared's README what was measured here.
    package static let standardThreshold: Double = 0.5

    package init(_ readings: [CueReading]) {
        self.readings = readings
        value = 1 - readings.reduce(1) { $0 * (1 - $1.cue.weight * $1.suspicion) }
    }
}
