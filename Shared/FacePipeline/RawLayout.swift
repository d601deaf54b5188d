/// Pixel formats of cameras that are read without a decoder.
package enum RawFormat: String, Hashable, Sendable, Codable {
    /// Y U Y V: two pixels in four bytes.
    case yuyv = "YUYV"
    /// A plane of Y, then one of U V pairs for each two by two pixels.
    case nv12 = "NV12"
    /// Brightness alone.
    case grey = "GREY"
}

/// How Y, U and V stand for colours.
package struct YCbCrColour: Hashable, Sendable, Codable {
    /// ITU-R BT.601 (standard definition, webcams) or BT.709 (high definition).
    package enum Matrix: String, Hashable, Sendable, Codable { case bt601, bt709 }
    /// Y from 16 to 235 and U, V from 16 to 240, or all of them over all bytes.
    package enum Range: String, Hashable, Sendable, Codable { case limited, full }

    package let matrix: Matrix
    package let range: Range

    package init(matrix: Matrix, range: Range) {
        self.matrix = matrix
        self.range = range
    }
}

/// How raw pixels lie in memory.
package struct RawLayout: Hashable, Sendable {
    package let format: RawFormat
    package let width: Int
    package let height: Int
    /// Bytes from one row to the next; of NV12, in both planes.
    package let stride: Int
    package let colour: YCbCrColour

    /// - Parameter stride: 0 for rows without padding, as some drivers say it.
    package init(format: RawFormat, width: Int, height: Int, stride: Int = 0, colour: YCbCrColour = YCbCrColour(matrix: .bt601, range: .limited)) {
        self.format = format
        self.width = width
        self.height = height
        self.stride = stride == 0 ? (format == .yuyv ? 2 * width : width) : stride
        self.colour = colour
    }

    /// Of one row's pixels, without padding.
    package var rowBytes: Int { format == .yuyv ? 2 * width : width }

    /// Bytes a whole picture takes; the last row's padding may be missing. 0 for a layout that is not sound.
    package var byteCount: Int {
        guard isSound else { return 0 }
        let rows: Int = format == .nv12 ? height + height / 2 : height
        return (rows - 1) * stride + rowBytes
    }

    /// Whether rows hold their pixels, and sides are even where two pixels share their colour. Sides are those an `ImageLimits`
    /// may allow, so that no product of them overflows.
    package var isSound: Bool {
        guard (1...1 << 16).contains(width), (1...1 << 16).contains(height), (rowBytes...1 << 20).contains(stride) else { return false }
        return switch format {
        case .yuyv: width.isMultiple(of: 2)
        case .nv12: width.isMultiple(of: 2) && height.isMultiple(of: 2)
        case .grey: true
        }
    }
}
