/// Parts of a whole as one bar, drawn by the server, with the same in words.
struct ShareBar {
    struct Part {
        let name: String
        let count: Int64
        let tone: Tone
    }

    enum Tone: String { case good, warm, bad, ahead, plain }

    let barSummary: String
    let segments: [SegmentView]
    /// The parts in words below it; where a bar stands in a table's row, the cell says them.
    let hasKey: Bool

    struct SegmentView {
        let segmentX: String
        let segmentWidth: String
        let segmentTone: String
        let segmentWords: String
    }

    /// Of the drawing, in its own units.
    private static let (width, narrowest): (Double, Double) = (1_000, 6)

    /// - Parameters:
    ///   - parts: in the order in which they are drawn; those with nothing in them are left out.
    ///   - whole: where it is more than the parts come to, the rest stays empty.
    init(_ parts: [Part], whole: Int64? = nil, hasKey: Bool, nothing: String) {
        let parts: [Part] = parts.filter { $0.count > 0 }
        let sum: Int64 = max(whole ?? 0, parts.reduce(0) { $0 + $1.count })
        // What is few must still be seen: one of ten thousand that failed is what somebody looks for.
        let free: Double = Self.width - Self.narrowest * Double(parts.count)
        var x: Double = 0
        segments = parts.map { part in
            let width: Double = Self.narrowest + free * Double(part.count) / Double(max(1, sum))
            defer { x += width }
            return SegmentView(
                segmentX: ChartView.text(x), segmentWidth: ChartView.text(width), segmentTone: part.tone.rawValue,
                segmentWords: "\(part.name): \(CatalogueWords.grouped(part.count))")
        }
        barSummary = parts.isEmpty ? nothing : segments.map(\.segmentWords).joined(separator: ", ")
        self.hasKey = hasKey
    }
}
