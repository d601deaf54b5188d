import Testing

@testable import FacePipeline

/// Raw pixels against the formula of ITU-R BT.601-7 and BT.709-6, in floating point, one pixel at a time.
@Suite("Raw pixels of cameras")
struct RawLayoutTests {
    static let colours: [YCbCrColour] = [
        YCbCrColour(matrix: .bt601, range: .limited), YCbCrColour(matrix: .bt601, range: .full), YCbCrColour(matrix: .bt709, range: .limited),
        YCbCrColour(matrix: .bt709, range: .full),
    ]

    private static func exact(_ y: UInt8, _ u: UInt8, _ v: UInt8, _ colour: YCbCrColour) -> [Double] {
        let (kr, kb): (Double, Double) = colour.matrix == .bt601 ? (0.299, 0.114) : (0.2126, 0.0722)
        let isLimited: Bool = colour.range == .limited
        let light: Double = isLimited ? (Double(y) - 16) / 219 : Double(y) / 255
        let (cb, cr): (Double, Double) = ((Double(u) - 128) / (isLimited ? 224 : 255), (Double(v) - 128) / (isLimited ? 224 : 255))
        let (red, blue): (Double, Double) = (light + 2 * (1 - kr) * cr, light + 2 * (1 - kb) * cb)
        return [red, (light - kr * red - kb * blue) / (1 - kr - kb), blue].map { min(max($0, 0), 1) * 255 }
    }

    private func convert(_ layout: RawLayout, _ bytes: [UInt8]) throws -> [UInt8] {
        let buffer = PixelBuffer(width: 1, height: 1)
        try bytes.withUnsafeBytes { try layout.convert($0, into: buffer) }
        return buffer.array
    }

    /// Y, U and V of a pixel, read plainly.
    private func sample(_ layout: RawLayout, _ bytes: [UInt8], _ x: Int, _ y: Int) -> (UInt8, UInt8, UInt8) {
        switch layout.format {
        case .grey: (bytes[y * layout.stride + x], 128, 128)
        case .yuyv:
            (bytes[y * layout.stride + 2 * x], bytes[y * layout.stride + x / 2 * 4 + 1], bytes[y * layout.stride + x / 2 * 4 + 3])
        case .nv12:
            (
                bytes[y * layout.stride + x], bytes[(layout.height + y / 2) * layout.stride + x / 2 * 2],
                bytes[(layout.height + y / 2) * layout.stride + x / 2 * 2 + 1]
            )
        }
    }

    @Test("become the colours of the standard, within 2 of 255, at widths with and without a rest", arguments: colours, [RawFormat.yuyv, .nv12])
    func formula(colour: YCbCrColour, format: RawFormat) throws {
        var random = SystemRandomNumberGenerator()
        for (width, padding) in [(2, 0), (16, 0), (22, 6), (64, 3), (46, 18)] {
            let layout = RawLayout(format: format, width: width, height: 8, stride: (format == .yuyv ? 2 * width : width) + padding, colour: colour)
            var bytes: [UInt8] = (0..<layout.byteCount).map { _ in UInt8.random(in: 0...255, using: &random) }
            // The corners of the cube are where sums come nearest to an overflow.
            for index in bytes.indices.prefix(bytes.count / 2) { bytes[index] = Bool.random() ? 255 : 0 }
            let rgb: [UInt8] = try convert(layout, bytes)
            var worst: Double = 0
            for row in 0..<8 {
                for column in 0..<width {
                    let (y, u, v) = sample(layout, bytes, column, row)
                    for (channel, value) in Self.exact(y, u, v, colour).enumerated() {
                        worst = max(worst, abs(Double(rgb[3 * (row * width + column) + channel]) - value))
                    }
                }
            }
            #expect(worst <= 2, "\(width) + \(padding): \(worst)")
        }
    }

    @Test("every Y, U and V there is comes near the formula, by vectors as by single pixels", arguments: colours)
    func everyColour(colour: YCbCrColour) throws {
        var worst: Double = 0
        // 18 pixels a row: sixteen by a vector, two by themselves.
        let layout = RawLayout(format: .yuyv, width: 18, height: 1, colour: colour)
        for y in stride(from: UInt8(0), through: 255, by: 15) {
            for u in stride(from: UInt8(0), through: 255, by: 15) {
                for v in stride(from: UInt8(0), through: 255, by: 15) {
                    let rgb: [UInt8] = try convert(layout, (0..<9).flatMap { _ in [y, u, y, v] })
                    let expected: [Double] = Self.exact(y, u, v, colour)
                    for channel in 0..<3 { worst = max(worst, abs(Double(rgb[channel]) - expected[channel])) }
                    #expect(stride(from: 0, to: rgb.count, by: 3).allSatisfy { rgb[$0] == rgb[0] && rgb[$0 + 1] == rgb[1] && rgb[$0 + 2] == rgb[2] })
                }
            }
        }
        #expect(worst <= 2)
    }

    @Test("grey is itself three times")
    func grey() throws {
        #expect(try convert(RawLayout(format: .grey, width: 3, height: 2, stride: 4), [1, 2, 3, 99, 4, 5, 6]) == [1, 2, 3, 4, 5, 6].flatMap { [$0, $0, $0] })
    }

    @Test("a wrong stride or odd sides are refused before a byte is read")
    func layouts() {
        let bytes = [UInt8](repeating: 0, count: 4096)
        for layout in [
            RawLayout(format: .yuyv, width: 64, height: 4, stride: 127), RawLayout(format: .yuyv, width: 3, height: 4),
            RawLayout(format: .nv12, width: 4, height: 3), RawLayout(format: .nv12, width: 4, height: 4, stride: 3),
            RawLayout(format: .grey, width: 0, height: 4), RawLayout(format: .grey, width: 4, height: -1),
            RawLayout(format: .grey, width: 4, height: 4, stride: -4),
            RawLayout(format: .yuyv, width: .max, height: .max, stride: .max), RawLayout(format: .grey, width: 4, height: 4, stride: 1 << 40),
        ] {
            #expect(throws: ImageError.wrongLayout(layout)) { try convert(layout, bytes) }
        }
    }

    @Test("a buffer one byte short is refused, one that lacks only the last row's padding is not", arguments: [RawFormat.yuyv, .nv12, .grey])
    func short(format: RawFormat) throws {
        let layout = RawLayout(format: format, width: 32, height: 4, stride: 80)
        let needed: Int = layout.byteCount
        #expect(needed < 80 * (format == .nv12 ? 6 : 4))
        #expect(throws: ImageError.shortOfPixels(count: needed - 1, needed: needed)) { try convert(layout, [UInt8](repeating: 0, count: needed - 1)) }
        #expect(throws: ImageError.shortOfPixels(count: 0, needed: needed)) { try convert(layout, []) }
        #expect(try convert(layout, [UInt8](repeating: 128, count: needed)).count == 32 * 4 * 3)
    }
}
