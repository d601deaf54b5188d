import FacePipeline

/// A pixel format by the four letters V4L2 gives it.
package struct FourCC: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// - Parameter text: four ASCII letters, such as `YUYV`; upper or lower case.
    package init?(_ text: String) {
        let letters: [UInt8] = Array(text.uppercased().utf8)
        guard letters.count == 4, letters.allSatisfy({ (32..<127).contains($0) }) else { return nil }
        rawValue = letters.reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    package var description: String {
        String(decoding: (0..<4).map { UInt8(truncatingIfNeeded: rawValue >> (8 * $0)) }.map { (32..<127).contains($0) ? $0 : 63 }, as: UTF8.self)
    }

    package init(from decoder: any Decoder) throws {
        let text: String = try decoder.singleValueContainer().decode(String.self)
        guard let value = FourCC(text) else { throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: text)) }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// The formats that are read, and what V4L2 calls them.
package enum CaptureFormat: String, CaseIterable, Sendable, Codable {
    case mjpeg, yuyv, nv12, grey

    /// - Parameter code: V4L2 has two names for motion JPEG, and drivers use either.
    package init?(_ code: FourCC) {
        switch code.description {
        case "MJPG", "JPEG": self = .mjpeg
        case "YUYV": self = .yuyv
        case "NV12": self = .nv12
        case "GREY": self = .grey
        default: return nil
        }
    }

    /// `nil` where the bytes are encoded.
    package var raw: RawFormat? {
        switch self {
        case .mjpeg: nil
        case .yuyv: .yuyv
        case .nv12: .nv12
        case .grey: .grey
        }
    }

    /// Of one second, uncompressed; for motion JPEG a fifth of YUYV's, the least a camera makes of it.
    package func bytesPerSecond(_ size: PictureSize, rate: Double) -> Double {
        let pixels: Double = Double(size.width * size.height) * rate
        return switch self {
        case .mjpeg: pixels * 0.4
        case .yuyv: pixels * 2
        case .nv12: pixels * 1.5
        case .grey: pixels
        }
    }
}
