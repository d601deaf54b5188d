import Glibc

/// Whether a grid shows in a face: the raster of a print, or a screen's pixels beating with the camera's (moiré). Skin's spectrum falls off
/// smoothly; a grid is a few sharp peaks. Spectra of several frames are added, so that noise evens out.
struct GridSpectrum: Sendable {
    /// Of the patch, pixels.
    static let side: Int = 64
    /// Patches, at most: more change nothing.
    static let most: Int = 8
    /// Cycles a patch: periods of 2 to 6 pixels. Lower ones are eyes, mouth and hair.
    private static let band: ClosedRange<Double> = 10...31

    private(set) var count: Int = 0
    private var power = [Float](repeating: 0, count: side * side)

    private static let window: [Float] = (0..<side).map { Float(0.5 - 0.5 * cos(2 * Double.pi * (Double($0) + 0.5) / Double(side))) }

    /// - Parameter patch: 64×64, 0…255.
    mutating func add(_ patch: [Float]) {
        guard count < Self.most, patch.count == power.count else { return }
        let mean: Float = patch.reduce(0, +) / Float(patch.count)
        let windowed: [Float] = patch.indices.map { (patch[$0] - mean) * Self.window[$0 / Self.side] * Self.window[$0 % Self.side] }
        let spectrum: [Float] = FourierTransform.power(windowed, side: Self.side)
        let scale: Float = 1 / max(1e-6, spectrum.reduce(0, +) / Float(spectrum.count))
        for index in power.indices { power[index] += spectrum[index] * scale }
        count += 1
    }

    /// Power of the sharpest peak against what lies around it.
    var peak: Double {
        var best: Double = 0
        for v in 0...Self.side / 2 {
            for u in -Self.side / 2 + 1...Self.side / 2 where v > 0 || u > 0 {
                let radius: Double = Double(u * u + v * v).squareRoot()
                guard Self.band.contains(radius), !Self.isBlock(u, v) else { continue }
                best = max(best, sharpness(u, v))
            }
        }
        return best
    }

    /// Mean of 3×3 against the mean of the 9×9 around without its 5×5: Hann's window spreads a peak over three bins.
    private func sharpness(_ u: Int, _ v: Int) -> Double {
        var (inner, outer): (Float, Float) = (0, 0)
        for y in -4...4 {
            for x in -4...4 {
                let value: Float = at(u + x, v + y)
                if abs(x) <= 1, abs(y) <= 1 { inner += value } else if abs(x) > 2 || abs(y) > 2 { outer += value }
            }
        }
        return Double(inner / 9) / max(1e-9, Double(outer / 56))
    }

    private func at(_ u: Int, _ v: Int) -> Float { power[(v & (Self.side - 1)) * Self.side + (u & (Self.side - 1))] }

    /// JPEG's blocks of eight pixels, and of four and two where it was decoded smaller: multiples of eight cycles along an axis.
    private static func isBlock(_ u: Int, _ v: Int) -> Bool {
        func isHarmonic(_ one: Int) -> Bool { (abs(one) + 1) % 8 <= 2 }
        return (abs(v) <= 2 && isHarmonic(u)) || (abs(u) <= 2 && isHarmonic(v))
    }

    /// `nil` without a patch. One patch alone has chance peaks: more is asked of it.
    var reading: CueReading? {
        guard count > 0 else { return nil }
        let value: Double = peak
        let low: Double = count >= 4 ? 8 : 14
        return CueReading(.moire, suspicion: value.ramp(low, 2 * low), measured: value)
    }
}

/// The discrete Fourier transform of squares whose side is a power of two.
enum FourierTransform {
    /// - Returns: squared magnitudes, `side` × `side`, frequency 0 first.
    static func power(_ values: [Float], side: Int) -> [Float] {
        var (real, imaginary): ([Float], [Float]) = (values, [Float](repeating: 0, count: values.count))
        for row in 0..<side { transform(&real, &imaginary, start: row * side, stride: 1, count: side) }
        for column in 0..<side { transform(&real, &imaginary, start: column, stride: side, count: side) }
        return real.indices.map { real[$0] * real[$0] + imaginary[$0] * imaginary[$0] }
    }

    private static func transform(_ real: inout [Float], _ imaginary: inout [Float], start: Int, stride: Int, count: Int) {
        var reversed: Int = 0
        for index in 1..<count {
            var bit: Int = count >> 1
            while reversed & bit != 0 { reversed ^= bit; bit >>= 1 }
            reversed |= bit
            if index < reversed {
                real.swapAt(start + index * stride, start + reversed * stride)
                imaginary.swapAt(start + index * stride, start + reversed * stride)
            }
        }
        var length: Int = 2
        while length <= count {
            for offset in 0..<length / 2 {
                let angle: Double = -2 * Double.pi * Double(offset) / Double(length)
                let (c, s): (Float, Float) = (Float(cos(angle)), Float(sin(angle)))
                for block in Swift.stride(from: offset, to: count, by: length) {
                    let (one, other) = (start + block * stride, start + (block + length / 2) * stride)
                    let (r, i) = (real[other] * c - imaginary[other] * s, real[other] * s + imaginary[other] * c)
                    (real[other], imaginary[other]) = (real[one] - r, imaginary[one] - i)
                    (real[one], imaginary[one]) = (real[one] + r, imaginary[one] + i)
                }
            }
            length *= 2
        }
    }
}
