/// Reads between pixels; black outside the picture.
struct BilinearSampler {
    private let pixels: UnsafePointer<UInt8>
    private let width: Int
    private let height: Int
    private let lastX: Double
    private let lastY: Double

    /// - Parameter picture: must outlive the sampler.
    init(_ picture: PixelBuffer) {
        pixels = UnsafePointer(picture.start)
        width = picture.width
        height = picture.height
        (lastX, lastY) = (Double(picture.width - 1), Double(picture.height - 1))
    }

    /// Red, green, blue 0–255, and 0.
    @inline(__always)
    func read(x: Double, y: Double) -> SIMD4<Float> {
        // Nearly all readings lie inside, where no neighbour needs a check and truncation is rounding down.
        if x >= 0, y >= 0, x < lastX, y < lastY {
            let (column, row) = (Int(x), Int(y))
            let start = pixels + 3 * (row * width + column)
            return blend(
                triple(start), triple(start + 3), triple(start + 3 * width), triple(start + 3 * width + 3),
                Float(x - Double(column)), Float(y - Double(row)))
        }
        return readAtEdge(x: x, y: y)
    }

    private func readAtEdge(x: Double, y: Double) -> SIMD4<Float> {
        let (floorX, floorY) = (x.rounded(.down), y.rounded(.down))
        // Also keeps the conversion below within what an Int holds.
        guard floorX >= -1, floorY >= -1, floorX <= lastX, floorY <= lastY else { return SIMD4(repeating: 0) }
        let (column, row) = (Int(floorX), Int(floorY))
        return blend(
            checked(column, row), checked(column + 1, row), checked(column, row + 1), checked(column + 1, row + 1),
            Float(x - floorX), Float(y - floorY))
    }

    @inline(__always)
    private func blend(
        _ topLeft: SIMD4<Float>, _ topRight: SIMD4<Float>, _ bottomLeft: SIMD4<Float>, _ bottomRight: SIMD4<Float>,
        _ x: Float, _ y: Float
    ) -> SIMD4<Float> {
        let top = topLeft + (topRight - topLeft) * x
        let bottom = bottomLeft + (bottomRight - bottomLeft) * x
        return top + (bottom - top) * y
    }

    @inline(__always)
    private func triple(_ start: UnsafePointer<UInt8>) -> SIMD4<Float> {
        SIMD4(Float(start[0]), Float(start[1]), Float(start[2]), 0)
    }

    private func checked(_ column: Int, _ row: Int) -> SIMD4<Float> {
        guard column >= 0, row >= 0, column < width, row < height else { return SIMD4(repeating: 0) }
        return triple(pixels + 3 * (row * width + column))
    }
}
