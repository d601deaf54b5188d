import FacePipeline

/// Width and height in pixels.
package struct PictureSize: Hashable, Sendable, Codable, CustomStringConvertible {
    package let width: Int
    package let height: Int

    package init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// - Parameter text: such as `1280x720`; each side from 16 to 16384.
    package init?(_ text: String) {
        let sides: [Int] = text.lowercased().split(separator: "x", omittingEmptySubsequences: false).compactMap { Int($0) }
        guard sides.count == 2, sides.allSatisfy((16...16_384).contains), text.filter({ $0 == "x" || $0 == "X" }).count == 1 else { return nil }
        self.init(width: sides[0], height: sides[1])
    }

    package var description: String { "\(width)x\(height)" }
    package var pixels: Int { width * height }
}

/// The time from one frame to the next, as the exact fraction of a second that drivers deal in.
package struct FrameInterval: Hashable, Sendable, Codable {
    package let numerator: UInt32
    package let denominator: UInt32

    /// A fraction without a sense, as some drivers give, is taken for one second.
    package init(numerator: UInt32, denominator: UInt32) {
        let isSound: Bool = numerator > 0 && denominator > 0
        self.numerator = isSound ? numerator : 1
        self.denominator = isSound ? denominator : 1
    }

    /// Frames a second.
    package var rate: Double { Double(denominator) / Double(numerator) }
}

/// Sizes a camera offers in one format, with the intervals of each.
package enum OfferedSize: Hashable, Sendable, Codable {
    case discrete(PictureSize, intervals: [FrameInterval])
    /// Any size between two, in steps; `intervals` are those of the largest.
    case stepwise(least: PictureSize, most: PictureSize, stepWidth: Int, stepHeight: Int, intervals: [FrameInterval])
}

/// One pixel format a camera offers.
package struct OfferedFormat: Hashable, Sendable, Codable {
    package let code: FourCC
    /// The driver's own words.
    package let label: String
    package let sizes: [OfferedSize]

    package init(code: FourCC, label: String, sizes: [OfferedSize]) {
        self.code = code
        self.label = label
        self.sizes = sizes
    }
}

/// A camera as it is found: a node that can capture video.
package struct CameraDevice: Hashable, Sendable, Codable {
    /// Such as `/dev/video0`; another one after a replug.
    package let path: String
    /// The model, by the driver's words.
    package let card: String
    package let driver: String
    /// Where it is plugged in, such as `usb-0000:00:14.0-2`; the same after a replug at the same socket.
    package let bus: String
    package let serial: String?
    /// Links below `/dev/v4l/by-path` and `/dev/v4l/by-id`.
    package let links: [String]
    package let formats: [OfferedFormat]

    package init(path: String, card: String, driver: String, bus: String, serial: String?, links: [String], formats: [OfferedFormat]) {
        self.path = path
        self.card = card
        self.driver = driver
        self.bus = bus
        self.serial = serial
        self.links = links
        self.formats = formats
    }

    /// Whether the bus is one that cameras have to share.
    package var isUSB: Bool { bus.hasPrefix("usb-") }
}
