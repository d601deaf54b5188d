import FacePipeline
import Foundation
import TestKit

/// Pictures made from a real one, for what a camera does wrong. Written as PNG-free portable pictures would not be read,
/// so they are made with the system's Python and no library: see `make`.
enum FacePictures {
    struct Made {
        let two: String
        let small: String
        let blurred: String
    }

    /// Decodes the demo portrait with the pipeline's own decoder and writes changed copies as PNG.
    static func make(in folder: String) async throws -> Made {
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: World.picture("obama.jpg"))))
        let picture: PixelBuffer = try bytes.withUnsafeBytes { buffer in
            let header = try ImageHeader.read(buffer)
            let pixels = PixelBuffer(width: 1, height: 1)
            try ImageDecoder().decode(buffer, header: header, reduction: 2, into: pixels)
            return pixels
        }
        let (width, height) = (picture.width, picture.height)
        func pixel(_ x: Int, _ y: Int, _ channel: Int) -> Int { Int(picture.row(y)[x * 3 + channel]) }
        let two = try PNGWriter.write(width: width * 2, height: height, to: folder + "/two.png") { x, y, c in pixel(x % width, y, c) }
        let small = try PNGWriter.write(width: width, height: height, to: folder + "/small.png") { x, y, c in
            let (sx, sy) = (x * 9, y * 9)
            return sx < width && sy < height ? pixel(sx, sy, c) : 128
        }
        let radius: Int = 9
        let blurred = try PNGWriter.write(width: width, height: height, to: folder + "/blurred.png") { x, y, c in
            var (sum, count) = (0, 0)
            for dy in stride(from: -radius, through: radius, by: 3) {
                for dx in stride(from: -radius, through: radius, by: 3) where (0..<width).contains(x + dx) && (0..<height).contains(y + dy) {
                    sum += pixel(x + dx, y + dy, c)
                    count += 1
                }
            }
            return sum / count
        }
        return Made(two: two, small: small, blurred: blurred)
    }
}
