import FacePipeline

/// How raw frames may lie, and how they may not.
enum RawForgery {
    private static let formats: [RawFormat] = [.yuyv, .nv12, .grey]

    static func sound(_ random: inout SeededGenerator) -> RawLayout {
        let format: RawFormat = random.one(of: formats)
        // Sides that are no multiple of the vectors' sixteen pixels, and one that is.
        let width: Int = format == .grey ? random.number(1...200) : 2 * random.number(1...100)
        let height: Int = format == .nv12 ? 2 * random.number(1...50) : random.number(1...100)
        let row: Int = format == .yuyv ? 2 * width : width
        let colour = YCbCrColour(matrix: random.oneIn(2) ? .bt601 : .bt709, range: random.oneIn(2) ? .limited : .full)
        return RawLayout(format: format, width: width, height: height, stride: random.oneIn(2) ? 0 : row + random.number(0...64), colour: colour)
    }

    /// A stride shorter than a row, an odd side, a side of nothing, or numbers whose product overflows.
    static func unsound(_ random: inout SeededGenerator) -> RawLayout {
        let format: RawFormat = random.one(of: formats)
        let width: Int = 2 * random.number(2...100)
        let row: Int = format == .yuyv ? 2 * width : width
        return switch random.number(0...4) {
        case 0: RawLayout(format: format, width: width, height: 64, stride: row - random.number(1...row - 1))
        case 1: RawLayout(format: random.oneIn(2) ? .yuyv : .nv12, width: width - 1, height: 64)
        case 2: RawLayout(format: .nv12, width: width, height: 63)
        case 3: RawLayout(format: format, width: random.one(of: [0, -1, -width, 1 << 17, .max, .min]) & ~1, height: 64, stride: random.number(1...1 << 21))
        default: RawLayout(format: format, width: width, height: random.one(of: [0, -1, -64, 1 << 17, .max - 1, .min]), stride: row)
        }
    }
}
