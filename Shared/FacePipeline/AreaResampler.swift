/// Makes pictures smaller by averaging the area each new pixel covers, so that nothing flickers or aliases.
struct AreaResampler {
    /// One new pixel's share of the old ones.
    private struct Tap {
        var first: Int
        var weights: [Float]
    }

    /// The old pixels that each of `count` new ones covers, of `length` old ones; weights sum to 1.
    private static func taps(length: Int, count: Int) -> [Tap] {
        let scale = Double(length) / Double(count)
        return (0..<count).map { index in
            let start = Double(index) * scale
            let end = min(Double(length), Double(index + 1) * scale)
            let first = Int(start)
            let last = min(length - 1, Int(end.rounded(.up)) - 1)
            let weights = (first...max(first, last)).map { old in
                Float((min(end, Double(old + 1)) - max(start, Double(old))) / scale)
            }
            return Tap(first: first, weights: weights)
        }
    }

    /// - Parameter target: no larger than `source` in either direction; filled.
    static func shrink(_ source: PixelBuffer, into target: PixelBuffer) {
        precondition(target.width <= source.width && target.height <= source.height)
        let columns = taps(length: source.width, count: target.width)
        let rows = taps(length: source.height, count: target.height)
        let rowFloats = target.width * 3
        // A source row is needed by one new row, or by two when their border crosses it.
        var line = [Float](repeating: 0, count: rowFloats)
        var lineIndex = -1
        var sum = [Float](repeating: 0, count: rowFloats)
        let (from, to) = (source.bytes, target.bytes)
        for y in 0..<target.height {
            for index in 0..<rowFloats { sum[index] = 0.5 }
            for (step, weight) in rows[y].weights.enumerated() {
                let old = rows[y].first + step
                if old != lineIndex {
                    narrow(from, row: old * source.width, columns, into: &line)
                    lineIndex = old
                }
                for index in 0..<rowFloats { sum[index] += weight * line[index] }
            }
            let start = y * rowFloats
            for index in 0..<rowFloats { to[start + index] = UInt8(min(255, sum[index])) }
        }
    }

    private static func narrow(
        _ pixels: UnsafeMutableBufferPointer<UInt8>, row: Int, _ columns: [Tap], into line: inout [Float]
    ) {
        for x in columns.indices {
            var (red, green, blue): (Float, Float, Float) = (0, 0, 0)
            var offset = 3 * (row + columns[x].first)
            for weight in columns[x].weights {
                red += weight * Float(pixels[offset])
                green += weight * Float(pixels[offset + 1])
                blue += weight * Float(pixels[offset + 2])
                offset += 3
            }
            line[3 * x] = red
            line[3 * x + 1] = green
            line[3 * x + 2] = blue
        }
    }
}
