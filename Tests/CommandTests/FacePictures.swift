import CPNG
@testable import FacePipeline
import Foundation
import TestKit

/// Pictures made from a real portrait, showing what goes wrong in front of a camera.
struct FacePictures {
    /// Two people side by side.
    let two: String
    /// A face of a dozen pixels.
    let small: String
    /// Out of focus.
    let blurred: String

    init(in folder: String) throws {
        let portrait: PixelBuffer = try Self.decode(World.picture("obama.jpg"))
        let (width, height) = (portrait.width, portrait.height)
        let pixels: [UInt8] = portrait.array
        func pixel(_ x: Int, _ y: Int, _ channel: Int) -> Int { Int(pixels[(y * width + x) * 3 + channel]) }
        two = try Self.write(width * 2, height, to: folder + "/two.png") { x, y, c in pixel(x % width, y, c) }
        small = try Self.write(width, height, to: folder + "/small.png") { x, y, c in x * 9 < width && y * 9 < height ? pixel(x * 9, y * 9, c) : 128 }
        let offsets: [Int] = Array(stride(from: -15, through: 15, by: 5))
        blurred = try Self.write(width, height, to: folder + "/blurred.png") { x, y, c in
            let sum: Int = offsets.reduce(0) { sum, dy in
                sum + offsets.reduce(0) { $0 + pixel(min(width - 1, max(0, x + $1)), min(height - 1, max(0, y + dy)), c) }
            }
            return sum / (offsets.count * offsets.count)
        }
    }

    private static func decode(_ path: String) throws -> PixelBuffer {
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        return try bytes.withUnsafeBytes { buffer in
            let pixels = PixelBuffer(width: 1, height: 1)
            try ImageDecoder().decode(buffer, header: try ImageHeader.read(buffer), reduction: 2, into: pixels)
            return pixels
        }
    }

    private static func write(_ width: Int, _ height: Int, to path: String, _ value: (Int, Int, Int) -> Int) throws -> String {
        var rgb: [UInt8] = []
        rgb.reserveCapacity(width * height * 3)
        for y in 0..<height {
            for x in 0..<width {
                for channel in 0..<3 { rgb.append(UInt8(value(x, y, channel))) }
            }
        }
        var png = [UInt8](repeating: 0, count: rgb.count + rgb.count / 10 + 4_096)
        let count: Int = vultus_png_encode_rgb(rgb, UInt32(width), UInt32(height), &png, png.count)
        precondition(count > 0, "the picture was not encoded")
        try Data(png[..<count]).write(to: URL(filePath: path))
        return path
    }
}
