/// How a device watches live sources; what is absent is as the agent's standard has it, or as its command line says.
package struct WatchConfiguration: Sendable, Codable, Hashable {
    /// Shorter side of a face's box, pixels; smaller faces are followed and not decided on.
    package var minimumFacePixels: Int64?
    /// Who was not seen for so long has left: coming back is another passage.
    package var passageGapMilliseconds: Int64?
    /// Who stays is decided on again after so long; 0: never in one passage.
    package var redecideMilliseconds: Int64?
    /// Share of one core that looking may take, 0…1.
    package var processorShare: Double?
    /// For so long a match's templates are kept, sealed, so that somebody can say that it was not that person; 0: nothing is kept.
    package var markingMilliseconds: Int64?
    /// What a live presentation must show, for the device's own gallery; for the hub's, beside what each asks for itself.
    package var pad: PADPolicy?

    package static let markingRange: ClosedRange<Int64> = 0...7 * 86_400_000
    package static let standardMarkingMilliseconds: Int64 = 86_400_000
    package static let minimumFaceRange: ClosedRange<Int64> = 20...2_000
    package static let passageGapRange: ClosedRange<Int64> = 2_000...3_600_000
    package static let redecideRange: ClosedRange<Int64> = 10_000...86_400_000
    package static let processorShareRange: ClosedRange<Double> = 0.02...1

    package init(
        minimumFacePixels: Int64? = nil, passageGapMilliseconds: Int64? = nil, redecideMilliseconds: Int64? = nil, processorShare: Double? = nil,
        markingMilliseconds: Int64? = nil, pad: PADPolicy? = nil
    ) {
        self.pad = pad
        self.minimumFacePixels = minimumFacePixels
        self.passageGapMilliseconds = passageGapMilliseconds
        self.redecideMilliseconds = redecideMilliseconds
        self.processorShare = processorShare
        self.markingMilliseconds = markingMilliseconds
    }

    package var isEmpty: Bool { self == WatchConfiguration() }

    /// What is absent here is taken from `other`.
    package func completed(by other: WatchConfiguration?) -> WatchConfiguration {
        WatchConfiguration(
            minimumFacePixels: minimumFacePixels ?? other?.minimumFacePixels,
            passageGapMilliseconds: passageGapMilliseconds ?? other?.passageGapMilliseconds,
            redecideMilliseconds: redecideMilliseconds ?? other?.redecideMilliseconds, processorShare: processorShare ?? other?.processorShare,
            markingMilliseconds: markingMilliseconds ?? other?.markingMilliseconds, pad: pad ?? other?.pad)
    }

    /// - Throws: `invalidRequest` for what no device could do.
    package func check() throws(Problem) {
        func require(_ holds: Bool, _ title: String, _ given: String, _ remedy: String) throws(Problem) {
            guard holds else { throw Problem(.invalidRequest, title, detail: given, remedy: remedy) }
        }
        try require(
            minimumFacePixels.map(Self.minimumFaceRange.contains) ?? true, "The smallest face decided on measures 20 to 2000 pixels.",
            "\(minimumFacePixels ?? 0) pixels", "Give 20 to 2000.")
        try require(
            passageGapMilliseconds.map(Self.passageGapRange.contains) ?? true, "A passage ends 2 seconds to an hour after somebody was last seen.",
            "\(Double(passageGapMilliseconds ?? 0) / 1_000) seconds", "Give 2 to 3600 seconds.")
        try require(
            redecideMilliseconds.map { $0 == 0 || Self.redecideRange.contains($0) } ?? true,
            "Who stays is decided on again after 10 seconds to a day, or never.",
            "\(Double(redecideMilliseconds ?? 0) / 1_000) seconds", "Give 10 to 86400 seconds, or 0 for never.")
        try require(
            processorShare.map(Self.processorShareRange.contains) ?? true, "Watching takes 0.02 to 1 of one core.", "\(processorShare ?? 0)",
            "Give 0.02 to 1.")
        try require(
            markingMilliseconds.map(Self.markingRange.contains) ?? true, "A match can be marked as a confusion for a week at most.",
            "\(Double(markingMilliseconds ?? 0) / 3_600_000) hours", "Give 0 to 168 hours.")
    }
}
