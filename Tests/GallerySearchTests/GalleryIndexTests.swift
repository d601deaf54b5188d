import Biometrics
import Testing

@testable import GallerySearch

/// Numbers that look random and are the same every time (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite struct GalleryIndexTests {
    private let model = ModelID(rawValue: "test")

    private func template(_ random: inout SeededGenerator, dimensions: Int = 128) throws -> Template {
        try Template(model: model, normalizing: (0..<dimensions).map { _ in Float.random(in: -1...1, using: &random) })
    }

    /// The plain answer: best score of each key, best first, first inserted of equals.
    private func bruteForce(_ gallery: [(key: Int, template: Template)], _ probe: Template) throws -> [(Int, Float)] {
        var best: [Int: (score: Float, place: Int)] = [:]
        for (place, entry) in gallery.enumerated() {
            let score = try probe.score(against: entry.template).rawValue
            if best[entry.key].map({ score > $0.score }) ?? true { best[entry.key] = (score, place) }
        }
        return best.sorted { (-$0.value.score, $0.value.place) < (-$1.value.score, $1.value.place) }
            .map { ($0.key, $0.value.score) }
    }

    @Test("finds what comparing one by one finds", arguments: [1, 2, 3, 63, 64, 65, 1023, 1024, 1025, 3001])
    func bruteForceAgrees(count: Int) throws {
        var random = SeededGenerator(state: UInt64(count))
        let index = GalleryIndex<Int>(model: model)
        var gallery: [(key: Int, template: Template)] = []
        for _ in 0..<count {
            let entry = (key: Int.random(in: 0..<max(1, count / 2), using: &random), template: try template(&random))
            gallery.append(entry)
            try index.insert(entry.key, entry.template)
        }
        #expect(index.count == count)
        for limit in [1, 5, count + 10] {
            let probe = try template(&random)
            let hits = try index.search(probe, limit: limit)
            let all = try bruteForce(gallery, probe)
            let expected = all.prefix(limit)
            // Sums in another order may differ in the last bits, so neighbours that near may change places.
            let scores = Dictionary(uniqueKeysWithValues: all)
            #expect(hits.count == expected.count && Set(hits.map(\.key)).count == hits.count)
            for (hit, plain) in zip(hits, expected) {
                #expect(abs(hit.score.rawValue - plain.1) < 1e-5)
                #expect(abs(hit.score.rawValue - (scores[hit.key] ?? 2)) < 1e-5)
            }
        }
    }

    @Test("agrees with comparing one by one after any mix of insertions and removals")
    func removal() throws {
        var random = SeededGenerator(state: 7)
        let index = GalleryIndex<Int>(model: model)
        var gallery: [(key: Int, template: Template)] = []
        for step in 0..<400 {
            if step % 29 == 28 {
                let keys: Set<Int> = Set((0..<4).map { _ in Int.random(in: 0..<40, using: &random) })
                gallery.removeAll { keys.contains($0.key) }
                index.removeAll(of: keys)
                #expect(index.count == gallery.count)
            } else if step % 3 == 2 {
                let key = Int.random(in: 0..<40, using: &random)
                let expected = gallery.count { $0.key == key }
                gallery.removeAll { $0.key == key }
                #expect(index.removeAll(key) == expected)
            } else {
                let entry = (key: Int.random(in: 0..<40, using: &random), template: try template(&random))
                gallery.append(entry)
                try index.insert(entry.key, entry.template)
            }
            let probe = try template(&random)
            #expect(try index.search(probe, limit: 7).map(\.key) == bruteForce(gallery, probe).prefix(7).map(\.0))
        }
    }

    @Test("equal scores are answered in the order they were inserted, whatever was removed")
    func ties() throws {
        let index = GalleryIndex<String>(model: model, dimensions: 4)
        let same = try Template(model: model, normalizing: [1, 1, 0, 0])
        for key in ["gone", "first", "second", "third", "fourth"] { try index.insert(key, same) }
        index.removeAll("gone")
        #expect(try index.search(same, limit: 3).map(\.key) == ["first", "second", "third"])
        #expect(try index.search(same, limit: 1).map(\.key) == ["first"])
    }

    @Test("a person with several templates is one hit, with the best of them")
    func severalTemplates() throws {
        let index = GalleryIndex<String>(model: model, dimensions: 2)
        try index.insert("a", Template(model: model, normalizing: [0, 1]))
        try index.insert("b", Template(model: model, normalizing: [1, 1]))
        try index.insert("a", Template(model: model, normalizing: [1, 0.1]))
        let hits = try index.search(Template(model: model, normalizing: [1, 0]), limit: 10)
        #expect(hits.map(\.key) == ["a", "b"])
        #expect(hits[0].score.rawValue > 0.99)
    }

    @Test("a row scores the same wherever it lies")
    func placeDoesNotMatter() throws {
        var random = SeededGenerator(state: 3)
        let wanted = try template(&random)
        let probe = try template(&random)
        var scores: Set<Float> = []
        for before in [0, 1, 5, 64, 1023] {
            let index = GalleryIndex<Int>(model: model)
            for key in 0..<before { try index.insert(key, try template(&random)) }
            try index.insert(-1, wanted)
            scores.formUnion(try index.search(probe, limit: before + 1).filter { $0.key == -1 }.map(\.score.rawValue))
        }
        #expect(scores.count == 1)
    }

    @Test("nothing of a removed template stays in memory", arguments: [0, 3, 9])
    func wiped(victim: Int) throws {
        let index = GalleryIndex<Int>(model: model, dimensions: 2)
        // Every key's values are its own, so a leftover is recognised.
        func values(_ key: Int) throws -> Template { try Template(model: model, normalizing: [Float(key + 1), 1]) }
        for key in 0..<10 { try index.insert(key, values(key)) }
        index.removeAll(victim)
        let gone = try values(victim).values[0]
        #expect(index.rows.withBlock { !$0.contains(gone) })
        // Rows moved into the gap leave no second copy either.
        let last = try values(9).values[0]
        if victim != 9 { #expect(index.rows.withBlock { $0.count { $0 == last } } == 1) }
    }

    @Test("an empty gallery has no hits, and other models' templates are refused")
    func refusals() throws {
        let index = GalleryIndex<Int>(model: model, dimensions: 2)
        let probe = try Template(model: model, normalizing: [1, 0])
        #expect(try index.search(probe, limit: 3).isEmpty)
        let other = ModelID(rawValue: "other")
        #expect(throws: TemplateError.modelMismatch(probe: other, reference: model)) {
            try index.search(Template(model: other, normalizing: [1, 0]))
        }
        #expect(throws: TemplateError.dimensionMismatch(probe: 3, reference: 2)) {
            try index.insert(1, Template(model: model, normalizing: [1, 0, 0]))
        }
    }

    @Test("the benchmark measures both and finds the same shape it was asked for")
    func benchmark() throws {
        let figures = try GalleryBenchmark.run(templates: 500, rounds: 3)
        #expect(figures.templates == 500 && figures.searchMedian > 0 && figures.readMedian > 0)
    }
}
