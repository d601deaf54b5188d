extension BinaryInteger {
    /// The number with its noun: `1 entry`, `2 entries`.
    /// - Parameter plural: `singular` with an s when left out.
    package func counted(_ singular: String, _ plural: String? = nil) -> String { "\(self) \(self == 1 ? singular : plural ?? singular + "s")" }
}
