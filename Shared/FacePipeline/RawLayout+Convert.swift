extension RawLayout {
    /// Makes RGB of raw pixels.
    ///
    /// Sixteen pixels at a time in 16-bit arithmetic, within 2 of 255 of the exact formula (BT.601-7 and BT.709-6).
    /// - Parameter buffer: resized and filled.
    /// - Throws: `.wrongLayout`, `.shortOfPixels`; then nothing was read.
    package func convert(_ bytes: UnsafeRawBufferPointer, into buffer: PixelBuffer) throws(ImageError) {
        guard isSound else { throw .wrongLayout(self) }
        guard bytes.count >= byteCount, let start = bytes.baseAddress else { throw .shortOfPixels(count: bytes.count, needed: byteCount) }
        buffer.resize(width: width, height: height)
        let source = start.assumingMemoryBound(to: UInt8.self)
        withExtendedLifetime(buffer) {
            for row in 0..<height {
                let target: UnsafeMutablePointer<UInt8> = buffer.start + 3 * width * row
                switch format {
                case .grey: Self.greyRow(source + row * stride, target, width)
                case .yuyv:
                    let mixer = YCbCrMixer(colour)
                    let line: UnsafePointer<UInt8> = source + row * stride
                    mixer.row(target, width) { pixel in
                        let quad = UnsafeRawPointer(line + 2 * pixel).loadUnaligned(as: SIMD32<UInt8>.self)
                        return (quad.evenHalf, quad.oddHalf)
                    } pair: { pixel in
                        (line[2 * pixel], line[2 * pixel + 2], line[2 * pixel + 1], line[2 * pixel + 3])
                    }
                case .nv12:
                    let mixer = YCbCrMixer(colour)
                    let line: UnsafePointer<UInt8> = source + row * stride
                    let colours: UnsafePointer<UInt8> = source + (height + row / 2) * stride
                    mixer.row(target, width) { pixel in
                        (
                            UnsafeRawPointer(line + pixel).loadUnaligned(as: SIMD16<UInt8>.self),
                            UnsafeRawPointer(colours + pixel).loadUnaligned(as: SIMD16<UInt8>.self)
                        )
                    } pair: { pixel in
                        (line[pixel], line[pixel + 1], colours[pixel], colours[pixel + 1])
                    }
                }
            }
        }
    }

    private static func greyRow(_ source: UnsafePointer<UInt8>, _ target: UnsafeMutablePointer<UInt8>, _ width: Int) {
        for pixel in 0..<width {
            let value: UInt8 = source[pixel]
            (target[3 * pixel], target[3 * pixel + 1], target[3 * pixel + 2]) = (value, value, value)
        }
    }
}

/// Y, U and V to red, green and blue in unsigned 16-bit lanes with six bits of fraction.
///
/// Every sum is kept above zero by turning negative factors round (255 − U) and taking their constant part off at the end, where
/// subtraction stops at zero; the largest sum is 135 × 255 + 149 × 255 / 2 = 53,423, so none overflows.
struct YCbCrMixer {
    /// Twice the factor of Y, so that 74.5 / 64 is exact.
    private let luma: UInt16
    private let redV: UInt16
    private let greenU: UInt16
    private let greenV: UInt16
    private let blueU: UInt16
    /// What is taken off at the end: black, the middle of U and V, less a half for rounding.
    private let redBias: UInt16
    private let greenBias: UInt16
    private let blueBias: UInt16

    init(_ colour: YCbCrColour) {
        // 64 × the factors of the recommendations, for limited range × 255/219 for Y and × 255/224 for U and V.
        (luma, redV, greenU, greenV, blueU) =
            switch (colour.matrix, colour.range) {
            case (.bt601, .limited): (149, 102, 25, 52, 129)
            case (.bt601, .full): (128, 90, 22, 46, 113)
            case (.bt709, .limited): (149, 115, 14, 34, 135)
            case (.bt709, .full): (128, 101, 12, 30, 119)
            }
        let black: UInt16 = colour.range == .limited ? 16 * luma / 2 : 0
        redBias = black + 128 * redV - 32
        greenBias = black + 127 * (greenU + greenV) - 32
        blueBias = black + 128 * blueU - 32
    }

    /// One row: whole sixteens by vectors, what is left pair by pair.
    /// - Parameters:
    ///   - sixteen: Y of the sixteen pixels from one on, and their eight U V pairs.
    ///   - pair: Y of a pixel and of the next, their U and their V.
    @inline(__always)
    func row(
        _ target: UnsafeMutablePointer<UInt8>, _ width: Int, sixteen: (Int) -> (SIMD16<UInt8>, SIMD16<UInt8>),
        pair: (Int) -> (UInt8, UInt8, UInt8, UInt8)
    ) {
        var pixel: Int = 0
        while pixel + 16 <= width {
            let (luma, colours) = sixteen(pixel)
            store(mix(luma, colours), target + 3 * pixel)
            pixel += 16
        }
        while pixel + 2 <= width {
            let (first, second, u, v) = pair(pixel)
            for (offset, y) in [(0, first), (3, second)] {
                let colour: (UInt8, UInt8, UInt8) = mix(y, u, v)
                let place: UnsafeMutablePointer<UInt8> = target + 3 * pixel + offset
                (place[0], place[1], place[2]) = colour
            }
            pixel += 2
        }
    }

    @inline(__always)
    private func mix(_ y: SIMD16<UInt8>, _ colours: SIMD16<UInt8>) -> (SIMD16<UInt16>, SIMD16<UInt16>, SIMD16<UInt16>) {
        let (u8, v8): (SIMD8<UInt16>, SIMD8<UInt16>) = (SIMD8(truncatingIfNeeded: colours.evenHalf), SIMD8(truncatingIfNeeded: colours.oddHalf))
        var (u, v): (SIMD16<UInt16>, SIMD16<UInt16>) = (SIMD16(), SIMD16())
        (u.evenHalf, u.oddHalf, v.evenHalf, v.oddHalf) = (u8, u8, v8, v8)
        let base: SIMD16<UInt16> = (SIMD16<UInt16>(truncatingIfNeeded: y) &* luma) &>> 1
        let red: SIMD16<UInt16> = base &+ v &* redV
        let green: SIMD16<UInt16> = base &+ (255 &- u) &* greenU &+ (255 &- v) &* greenV
        let blue: SIMD16<UInt16> = base &+ u &* blueU
        return (Self.finish(red, redBias), Self.finish(green, greenBias), Self.finish(blue, blueBias))
    }

    @inline(__always)
    private static func finish(_ sum: SIMD16<UInt16>, _ bias: UInt16) -> SIMD16<UInt16> {
        let bias = SIMD16<UInt16>(repeating: bias)
        return pointwiseMin((pointwiseMax(sum, bias) &- bias) &>> 6, SIMD16(repeating: 255))
    }

    /// Red, green and blue side by side. Two pixels make six bytes; eight are written, the last two overwritten by the next pair;
    /// the last pair's by themselves.
    @inline(__always)
    private func store(_ colour: (SIMD16<UInt16>, SIMD16<UInt16>, SIMD16<UInt16>), _ target: UnsafeMutablePointer<UInt8>) {
        let low: SIMD16<UInt16> = colour.0 | colour.1 &<< 8
        let pixels: SIMD16<UInt32> = SIMD16<UInt32>(truncatingIfNeeded: low) | SIMD16<UInt32>(truncatingIfNeeded: colour.2) &<< 16
        let pairs: SIMD8<UInt64> = SIMD8<UInt64>(truncatingIfNeeded: pixels.evenHalf) | SIMD8<UInt64>(truncatingIfNeeded: pixels.oddHalf) &<< 24
        let place = UnsafeMutableRawPointer(target)
        for index in 0..<7 { place.storeBytes(of: pairs[index].littleEndian, toByteOffset: 6 * index, as: UInt64.self) }
        place.storeBytes(of: UInt32(truncatingIfNeeded: pairs[7]).littleEndian, toByteOffset: 42, as: UInt32.self)
        place.storeBytes(of: UInt16(truncatingIfNeeded: pairs[7] &>> 32).littleEndian, toByteOffset: 46, as: UInt16.self)
    }

    /// One pixel, exactly as the vectors make it.
    @inline(__always)
    private func mix(_ y: UInt8, _ u: UInt8, _ v: UInt8) -> (UInt8, UInt8, UInt8) {
        let base: UInt16 = (UInt16(y) &* luma) >> 1
        func finish(_ sum: UInt16, _ bias: UInt16) -> UInt8 { UInt8(min((max(sum, bias) - bias) >> 6, 255)) }
        return (
            finish(base &+ UInt16(v) &* redV, redBias), finish(base &+ UInt16(255 - u) &* greenU &+ UInt16(255 - v) &* greenV, greenBias),
            finish(base &+ UInt16(u) &* blueU, blueBias)
        )
    }
}
