/// What is asked of a presentation before a match may be a match. Requirements of several origins add up: nothing takes one away.
package struct PresentationRequirements: OptionSet, Sendable, Hashable {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    /// Watched for what betrays a print, a screen or a fed-in film: ``PresentationCue``.
    package static let cues = PresentationRequirements(rawValue: 1)
    /// The head is turned as asked: ``HeadChallenge``.
    package static let challenge = PresentationRequirements(rawValue: 2)
    /// A network that the operator supplies finds it bona fide: ``PresentationModel``.
    package static let model = PresentationRequirements(rawValue: 4)
}
