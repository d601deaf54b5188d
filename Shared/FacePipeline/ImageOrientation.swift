/// How the stored picture must be turned to stand upright (EXIF tag 0x0112, values 1–8).
package enum ImageOrientation: Int, Hashable, Sendable, Codable, CaseIterable {
    case up = 1
    case mirrored = 2
    case upsideDown = 3
    case flipped = 4
    case transposed = 5
    /// The stored picture must be turned 90° clockwise: a phone held upright.
    case turnClockwise = 6
    case transversed = 7
    /// The stored picture must be turned 90° anticlockwise.
    case turnAnticlockwise = 8

    /// Whether upright width is stored height.
    package var swapsSides: Bool { rawValue >= 5 }

    /// Where an upright pixel lies in the stored picture. Coordinates are pixel indices: the centre of the first pixel is 0.
    /// - Parameters:
    ///   - width: of the stored picture.
    ///   - height: of the stored picture.
    func storedFromUpright(width: Int, height: Int) -> AffineTransform {
        let right = Double(width - 1)
        let bottom = Double(height - 1)
        return switch self {
        case .up: AffineTransform(a: 1, b: 0, tx: 0, c: 0, d: 1, ty: 0)
        case .mirrored: AffineTransform(a: -1, b: 0, tx: right, c: 0, d: 1, ty: 0)
        case .upsideDown: AffineTransform(a: -1, b: 0, tx: right, c: 0, d: -1, ty: bottom)
        case .flipped: AffineTransform(a: 1, b: 0, tx: 0, c: 0, d: -1, ty: bottom)
        case .transposed: AffineTransform(a: 0, b: 1, tx: 0, c: 1, d: 0, ty: 0)
        case .turnClockwise: AffineTransform(a: 0, b: 1, tx: 0, c: -1, d: 0, ty: bottom)
        case .transversed: AffineTransform(a: 0, b: -1, tx: right, c: -1, d: 0, ty: bottom)
        case .turnAnticlockwise: AffineTransform(a: 0, b: -1, tx: right, c: 1, d: 0, ty: 0)
        }
    }

    /// Reads a TIFF structure as EXIF uses it; `nil` when it names no orientation from 1 to 8.
    static func read(tiff: UnsafeRawBufferPointer) -> ImageOrientation? {
        let reader = ByteReader(bytes: tiff)
        let little: Bool
        if reader.matches("II", at: 0) { little = true } else if reader.matches("MM", at: 0) { little = false } else { return nil }
        guard reader.uint16(2, littleEndian: little) == 42, let directory = reader.uint32(4, littleEndian: little),
            let entries = reader.uint16(directory, littleEndian: little)
        else { return nil }
        for entry in 0..<entries {
            let start = directory + 2 + 12 * entry
            guard let tag = reader.uint16(start, littleEndian: little) else { return nil }
            // Type 3 is an unsigned short, which lies in the first two of the four value bytes.
            if tag == 0x0112, reader.uint16(start + 2, littleEndian: little) == 3 {
                return reader.uint16(start + 8, littleEndian: little).flatMap(ImageOrientation.init(rawValue:))
            }
        }
        return nil
    }
}
