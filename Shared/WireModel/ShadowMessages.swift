/// What models that are to decide must show first, beside those that do: set by the operator when a roll-out begins.
package struct ShadowPolicy: Sendable, Codable, Hashable {
    /// So many faces are compared before the release is tried.
    package let faces: Int64
    /// With more than so many of a thousand decided on otherwise, the device refuses the release.
    package let disagreementPermille: Int64
    /// It refuses it too when the agent has run for so long and seen fewer faces; `nil`: it goes on for as long as that takes.
    package let milliseconds: Int64?

    package static let faceLimits: ClosedRange<Int64> = 1...1_000_000
    package static let permilleLimits: ClosedRange<Int64> = 0...1_000
    /// A minute to a year.
    package static let timeLimits: ClosedRange<Int64> = 60_000...366 * 86_400_000

    package init(faces: Int64, disagreementPermille: Int64, milliseconds: Int64? = nil) {
        self.faces = faces
        self.disagreementPermille = disagreementPermille
        self.milliseconds = milliseconds
    }

    /// - Throws: `invalid_request`.
    package func check() throws(Problem) {
        guard Self.faceLimits.contains(faces), Self.permilleLimits.contains(disagreementPermille), milliseconds.map(Self.timeLimits.contains) ?? true else {
            throw Problem(
                .invalidRequest, "Models cannot be shadowed like that.", detail: "\(faces) faces, \(disagreementPermille) of 1000",
                remedy: "Give 1 to 1000000 faces, 0 to 1000 of 1000 that may differ, and a minute to 366 days, or no time.")
        }
    }
}

/// How far a device is with a shadow.
package struct ShadowProgress: Sendable, Codable, Hashable {
    package let compared: Int64
    /// To be compared.
    package let faces: Int64
    /// Of those compared, decided on otherwise.
    package let disagreements: Int64

    package init(compared: Int64, faces: Int64, disagreements: Int64) {
        self.compared = compared
        self.faces = faces
        self.disagreements = disagreements
    }
}
