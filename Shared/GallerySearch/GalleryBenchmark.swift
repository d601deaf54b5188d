import Biometrics

/// How fast a gallery is searched, against how fast the same memory can be read at all.
package struct GalleryBenchmark: Codable, Hashable, Sendable {
    package let templates: Int
    package let dimensions: Int
    /// Best and median of the searches, in milliseconds.
    package let searchBest: Double
    package let searchMedian: Double
    /// The same for reading the rows and only adding them up.
    package let readBest: Double
    package let readMedian: Double
    /// Billion bytes a second, from the medians.
    package let searchBandwidth: Double
    package let readBandwidth: Double

    /// Search's share of the pure-read rate; above 0.8 is what is promised.
    package var share: Double { searchBandwidth / readBandwidth }

    enum CodingKeys: String, CodingKey {
        case templates, dimensions
        case searchBest = "search_best_ms"
        case searchMedian = "search_median_ms"
        case readBest = "read_best_ms"
        case readMedian = "read_median_ms"
        case searchBandwidth = "search_gb_per_s"
        case readBandwidth = "read_gb_per_s"
    }

    /// Searches random templates, in turns with pure reads so that both see the same machine.
    /// - Parameter rounds: of each; 0.01 s a round at 100,000 templates.
    package static func run(
        templates: Int = 100_000, dimensions: Int = 128, rounds: Int = 50
    ) throws(TemplateError) -> GalleryBenchmark {
        precondition(templates > 0 && rounds > 0)
        // Any numbers do; a linear congruential generator (Knuth's MMIX constants) makes them the same each time.
        var state: UInt64 = 1
        func random() -> Float {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(Int32(truncatingIfNeeded: state >> 32)) / Float(Int32.max)
        }
        let model = ModelID(rawValue: "benchmark")
        let index = GalleryIndex<Int>(model: model, dimensions: dimensions)
        index.reserve(templates)
        for key in 0..<templates {
            try index.insert(key, Template(model: model, normalizing: (0..<dimensions).map { _ in random() }))
        }
        let probe = try Template(model: model, normalizing: (0..<dimensions).map { _ in random() })
        var (searches, reads): ([Double], [Double]) = ([], [])
        var kept: Float = 0
        for _ in 0..<rounds {
            let start = ContinuousClock.now
            kept += try index.search(probe, limit: 5)[0].score.rawValue
            let middle = ContinuousClock.now
            kept += index.rows.readAll()
            let end = ContinuousClock.now
            searches.append((middle - start) / .milliseconds(1))
            reads.append((end - middle) / .milliseconds(1))
        }
        // Uses the answers, so that no work can be left out.
        precondition(!kept.isNaN)
        searches.sort()
        reads.sort()
        let bytes = Double(templates * index.rows.width * 4)
        return GalleryBenchmark(
            templates: templates, dimensions: dimensions, searchBest: searches[0], searchMedian: searches[rounds / 2],
            readBest: reads[0], readMedian: reads[rounds / 2], searchBandwidth: bytes / searches[rounds / 2] / 1e6,
            readBandwidth: bytes / reads[rounds / 2] / 1e6)
    }
}
