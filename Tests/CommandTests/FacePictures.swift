import CPNG
import Foundation
import TestKit

@testable import FacePipeline

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
        let soft: [UInt8] = Self.blur(Self.blur(pixels, width, height, radius: 10), width, height, radius: 10)
        blurred = try Self.write(width, height, to: folder + "/blurred.png") { x, y, c in Int(soft[(y * width + x) * 3 + c]) }
    }

    /// The mean of a square around each pixel, rows first, then columns.
    private static func blur(_ pixels: [UInt8], _ width: Int, _ height: Int, radius: Int) -> [UInt8] {
        var current: [UInt8] = pixels
        for (step, count) in [(3, width), (width * 3, height)] {
            let source: [UInt8] = current
            for start in source.indices where (start / step) % count == 0 {
                var sum: Int = 0
                for position in -radius..<count {
                    if position + radius < count { sum += Int(source[start + (position + radius) * step]) }
                    if position - radius - 1 >= 0 { sum -= Int(source[start + (position - radius - 1) * step]) }
                    guard position >= 0 else { continue }
                    let width: Int = min(count - 1, position + radius) - max(0, position - radius) + 1
                    current[start + position * step] = UInt8(sum / width)
                }
            }
        }
        return current
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
