/// Whether the very same pixels come again. A sensor's noise is never the same twice: who sees equal faces, byte for byte, is fed a still
/// picture or a film in a loop past the sensor. A camera, or a bus, may give one frame twice in a row now and then; that is no cue. A
/// print or a screen before a real sensor never shows it.
struct PixelRepetition {
    static let least: Int = 8

    /// In order.
    let fingerprints: [UInt64]

    var reading: CueReading? {
        guard fingerprints.count >= Self.least else { return nil }
        var seen: Set<UInt64> = []
        let again: Int = fingerprints.reduce(0) { $0 + (seen.insert($1).inserted ? 0 : 1) }
        let share: Double = Double(again) / Double(fingerprints.count)
        return CueReading(.repetition, suspicion: share.ramp(0.2, 0.5), measured: share)
    }
}
