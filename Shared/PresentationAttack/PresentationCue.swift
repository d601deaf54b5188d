/// What may betray an attack presentation.
package enum PresentationCue: String, Sendable, Hashable, CaseIterable {
    /// The landmarks move as those of something flat although it is seen from the side: ``LandmarkParallax``.
    case parallax
    /// Light bands travel over the face and not beside it: ``BandFlicker``.
    case flicker
    /// A grid shows in the skin: ``GridSpectrum``.
    case moire
    /// A highlight slides over a face that does not turn: ``HighlightMotion``.
    case specular
    /// The very same pixels come again: ``PixelRepetition``.
    case repetition
    /// The operator's network.
    case model

    /// The most that one cue can say by itself. Repetition is proof of a fed-in film, no camera gives the same noise twice; a grid and
    /// flatness have other explanations (a veil, a bad landmark); bands and highlights have many, so a highlight never decides alone.
    package var weight: Double {
        switch self {
        case .repetition, .model: 1
        case .parallax: 0.9
        case .moire: 0.8
        case .flicker: 0.7
        case .specular: 0.4
        }
    }
}

/// What one cue says.
package struct CueReading: Sendable, Hashable {
    package let cue: PresentationCue
    /// 0 nothing, 1 as clear as this cue can be.
    package let suspicion: Double
    /// What was measured, in the cue's own unit.
    package let measured: Double

    package init(_ cue: PresentationCue, suspicion: Double, measured: Double) {
        self.cue = cue
        self.suspicion = max(0, min(1, suspicion))
        self.measured = measured
    }
}

extension Double {
    /// 0 up to `low`, 1 from `high` on, straight between.
    func ramp(_ low: Double, _ high: Double) -> Double { Swift.max(0, Swift.min(1, (self - low) / (high - low))) }
}
