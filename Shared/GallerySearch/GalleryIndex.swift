import Biometrics

/// One answer of a search.
package struct GalleryHit<Key: Hashable & Sendable>: Sendable, Equatable {
    package let key: Key
    /// The best of the key's templates.
    package let score: ComparisonScore
}

/// Exact one-to-many search in memory: every template of the gallery is compared with the probe.
///
/// A key (a person) may have several templates; its best one counts. Not thread safe: one owner, such as an actor.
/// Memory: 512 bytes a template of 128 dimensions, plus the key. 100,000 templates take 3–4 ms, at the rate memory can be read.
package final class GalleryIndex<Key: Hashable & Sendable> {
    package let model: ModelID
    /// Values a template of this gallery has.
    package let dimensions: Int

    var rows: GalleryRows
    private var keys: [Key] = []
    /// When each row came, so that equal scores are answered oldest first whatever was removed between.
    private var ordinals: [UInt64] = []
    private var nextOrdinal: UInt64 = 0

    package init(model: ModelID, dimensions: Int = 128) {
        precondition(dimensions > 0)
        self.model = model
        self.dimensions = dimensions
        rows = GalleryRows(dimensions: dimensions)
    }

    /// Templates, not keys.
    package var count: Int { keys.count }

    /// Makes room, so that a gallery of known size is not copied while it grows.
    package func reserve(_ templates: Int) {
        rows.reserve(templates)
        keys.reserveCapacity(templates)
        ordinals.reserveCapacity(templates)
    }

    /// Adds a template to those of `key`.
    /// - Throws: `.modelMismatch`, `.dimensionMismatch`.
    package func insert(_ key: Key, _ template: Template) throws(TemplateError) {
        try check(template)
        rows.append(template.values)
        keys.append(key)
        ordinals.append(nextOrdinal)
        nextOrdinal += 1
    }

    /// Removes all templates of `key` and overwrites their memory with zeros.
    /// - Returns: how many there were.
    @discardableResult
    package func removeAll(_ key: Key) -> Int {
        var removed = 0
        for index in keys.indices.reversed() where keys[index] == key {
            removeRow(index)
            removed += 1
        }
        return removed
    }

    /// The same for many keys, in one walk through the rows.
    package func removeAll(of wanted: Set<Key>) {
        for index in keys.indices.reversed() where wanted.contains(keys[index]) { removeRow(index) }
    }

    private func removeRow(_ index: Int) {
        rows.removeBySwap(index)
        keys.swapAt(index, keys.count - 1)
        keys.removeLast()
        ordinals.swapAt(index, ordinals.count - 1)
        ordinals.removeLast()
    }

    func check(_ template: Template) throws(TemplateError) {
        guard template.model == model else { throw .modelMismatch(probe: template.model, reference: model) }
        guard template.values.count == dimensions else {
            throw .dimensionMismatch(probe: template.values.count, reference: dimensions)
        }
    }

    /// The keys most like the probe.
    /// - Parameter limit: at most so many keys, at least 1.
    /// - Returns: best score first, one hit a key; of equal scores, the one inserted first.
    /// - Throws: `.modelMismatch`, `.dimensionMismatch`.
    package func search(_ probe: Template, limit: Int = 1) throws(TemplateError) -> [GalleryHit<Key>] {
        try check(probe)
        precondition(limit > 0)
        var best = BestRows(limit: limit)
        // The block of scores stays in the first-level cache while it is looked through.
        let block = 1024
        withUnsafeTemporaryAllocation(byteCount: (rows.width + block) * 4, alignment: 64) { scratch in
            let floats = scratch.bindMemory(to: Float.self)
            floats.initialize(repeating: 0)
            guard let padded = floats.baseAddress else { return }
            for (index, value) in probe.values.enumerated() { padded[index] = value }
            let scores = padded + rows.width
            for start in stride(from: 0, to: count, by: block) {
                let range = start..<min(count, start + block)
                rows.score(range, probe: padded, into: scores)
                for offset in 0..<range.count where scores[offset] >= best.floor {
                    let row = start + offset
                    best.offer(.init(score: scores[offset], ordinal: ordinals[row], row: row)) { keys[$0] == keys[$1] }
                }
            }
        }
        return best.rows.map {
            GalleryHit(key: keys[$0.row], score: ComparisonScore(rawValue: min(1, max(-1, $0.score))))
        }
    }
}
