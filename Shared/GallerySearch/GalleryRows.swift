import CGallerySearch

/// Float rows in one 64-byte-aligned block, without gaps; every byte that held a row is zeroed before it is given up.
struct GalleryRows: ~Copyable {
    /// Floats a row: the model's dimensions rounded up to whole 64-byte lines.
    let width: Int
    private(set) var count = 0
    private var capacity = 0
    private var base: UnsafeMutablePointer<Float>?

    init(dimensions: Int) {
        width = (dimensions + 15) / 16 * 16
    }

    deinit {
        release()
    }

    private func release() {
        guard let base else { return }
        vultus_gallery_wipe(base, capacity * width * 4)
        UnsafeMutableRawPointer(base).deallocate()
    }

    /// Makes room for `rows` rows in all.
    mutating func reserve(_ rows: Int) {
        guard rows > capacity else { return }
        let raw = UnsafeMutableRawPointer.allocate(byteCount: rows * width * 4, alignment: 64)
        let fresh = raw.initializeMemory(as: Float.self, repeating: 0, count: rows * width)
        if let base { fresh.update(from: base, count: count * width) }
        release()
        (base, capacity) = (fresh, rows)
    }

    mutating func append(_ values: [Float]) {
        precondition(values.count <= width)
        if count == capacity { reserve(max(64, capacity * 2)) }
        guard let base else { return }
        for (index, value) in values.enumerated() { base[count * width + index] = value }
        count += 1
    }

    /// The last row takes the removed one's place; the place it leaves is zeroed.
    mutating func removeBySwap(_ index: Int) {
        precondition(index < count)
        guard let base else { return }
        let last = base + (count - 1) * width
        if index != count - 1 { (base + index * width).update(from: last, count: width) }
        vultus_gallery_wipe(last, width * 4)
        count -= 1
    }

    /// Scores rows `range` against a probe of `width` floats.
    func score(_ range: Range<Int>, probe: UnsafePointer<Float>, into scores: UnsafeMutablePointer<Float>) {
        precondition(range.upperBound <= count)
        guard let base else { return }
        vultus_gallery_scores(base + range.lowerBound * width, probe, scores, range.count, width)
    }

    /// Reads all rows and does nothing else; see `vultus_gallery_read`.
    func readAll() -> Float {
        guard let base else { return 0 }
        return vultus_gallery_read(base, count, width)
    }

    /// Lends the whole block, spare room included, for tests of what is left in it.
    func withBlock<Result>(_ body: (UnsafeBufferPointer<Float>) -> Result) -> Result {
        body(UnsafeBufferPointer(start: base, count: capacity * width))
    }
}
