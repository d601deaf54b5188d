import Biometrics
import CPNG
import CTurboJPEG
import FoundationEssentials
import Testing

@testable import FacePipeline

/// Pictures and models for the tests, and pictures made of pictures.
enum TestPictures {
    static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static var modelsPath: String {
        ProcessInfo.processInfo.environment["VULTUS_MODELS"] ?? repository.appending(path: ".models").path
    }

    /// Tests that need models fail without them, unless this says that they are knowingly absent.
    static var mayRunModels: Bool {
        ProcessInfo.processInfo.environment["VULTUS_TESTS_WITHOUT_MODELS"] == nil
    }

    /// Verified once: the files are the same for every test.
    private static let models = Result { try ModelDirectory.open(modelsPath) }

    /// `name` as setup installed it.
    static func model(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: modelsPath + "/" + name)) }

    static func pipeline(_ options: FacePipelineOptions = FacePipelineOptions()) throws -> FacePipeline {
        FacePipeline(models: try models.get(), options: options)
    }

    static func demo(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: modelsPath + "/demo/" + name)))
    }

    /// A picture as stored, at one `reduction`th.
    static func pixels(_ jpeg: [UInt8], reduction: Int = 2) throws -> PixelBuffer {
        let buffer = PixelBuffer(width: 1, height: 1)
        let header = try ImageHeader.read(jpeg)
        try jpeg.withUnsafeBytes {
            try ImageDecoder().decode($0, header: header, reduction: reduction, into: buffer)
        }
        return buffer
    }

    static func jpeg(
        _ picture: PixelBuffer, quality: Int = 95, flags: CInt = 0
    ) -> [UInt8] {
        compress(picture, width: picture.width, height: picture.height, TJPF_RGB, TJSAMP_420, quality, flags)
    }

    /// Takes the buffer's first bytes for four inks a pixel, of a picture half as wide and high.
    static func jpegCMYK(_ picture: PixelBuffer) -> [UInt8] {
        compress(picture, width: picture.width / 2, height: picture.height / 2, TJPF_CMYK, TJSAMP_444, 90, 0)
    }

    private static func compress(
        _ picture: PixelBuffer, width: Int, height: Int, _ format: TJPF, _ sampling: TJSAMP, _ quality: Int, _ flags: CInt
    ) -> [UInt8] {
        let turbo = tjInitCompress()
        defer { tjDestroy(turbo) }
        var output: UnsafeMutablePointer<UInt8>?
        var size: UInt = 0
        let status = tjCompress2(
            turbo, picture.bytes.baseAddress, CInt(width), 0, CInt(height), CInt(format.rawValue),
            &output, &size, CInt(sampling.rawValue), CInt(quality), flags)
        precondition(status == 0)
        defer { tjFree(output) }
        return Array(UnsafeBufferPointer(start: output, count: Int(size)))
    }

    static func png(_ picture: PixelBuffer) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: picture.width * picture.height * 4 + 4096)
        let count = vultus_png_encode_rgb(
            picture.bytes.baseAddress, UInt32(picture.width), UInt32(picture.height), &bytes, bytes.count)
        precondition(count > 0)
        return Array(bytes[..<count])
    }

    /// A TIFF structure that says nothing but the orientation.
    static func tiff(_ orientation: Int, littleEndian: Bool) -> [UInt8] {
        let value = UInt8(orientation)
        return littleEndian
            ? [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, value, 0, 0, 0, 0, 0, 0, 0]
            : [0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, value, 0, 0, 0, 0, 0, 0]
    }

    /// Puts an APP1 segment right after SOI.
    static func withExif(_ jpeg: [UInt8], orientation: Int, littleEndian: Bool = true) -> [UInt8] {
        let body = Array("Exif\0\0".utf8) + tiff(orientation, littleEndian: littleEndian)
        let length = body.count + 2
        return [0xFF, 0xD8, 0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 255)] + body + jpeg.dropFirst(2)
    }

    /// Puts an eXIf chunk right after IHDR.
    static func withExifChunk(_ png: [UInt8], orientation: Int) -> [UInt8] {
        let named = Array("eXIf".utf8) + tiff(orientation, littleEndian: false)
        let length = named.count - 4
        let crc = crc32(named)
        let chunk = bigEndian(UInt32(length)) + named + bigEndian(crc)
        return Array(png[..<33]) + chunk + Array(png[33...])
    }

    static func bigEndian(_ value: UInt32) -> [UInt8] {
        [UInt8(value >> 24), UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255)]
    }

    static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var crc: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        return ~crc
    }

    /// The picture as it is stored so that `orientation` stands it upright.
    static func stored(_ upright: PixelBuffer, for orientation: ImageOrientation) -> PixelBuffer {
        let (width, height) =
            orientation.swapsSides ? (upright.height, upright.width) : (upright.width, upright.height)
        let stored = PixelBuffer(width: width, height: height)
        let map = orientation.storedFromUpright(width: width, height: height)
        for y in 0..<upright.height {
            for x in 0..<upright.width {
                let point = map.apply(ImagePoint(x: Double(x), y: Double(y)))
                for channel in 0..<3 {
                    stored.bytes[3 * (Int(point.y) * width + Int(point.x)) + channel] =
                        upright.bytes[3 * (y * upright.width + x) + channel]
                }
            }
        }
        return stored
    }

    /// Box blur of (2r + 1)², three times: nearly Gaussian.
    static func blurred(_ picture: PixelBuffer, radius: Int) -> PixelBuffer {
        var source = picture
        for _ in 0..<3 {
            let across = PixelBuffer(width: source.width, height: source.height)
            let both = PixelBuffer(width: source.width, height: source.height)
            average(source, into: across, step: 3, length: source.width, lines: source.height, next: 3 * source.width, radius)
            average(across, into: both, step: 3 * source.width, length: source.height, lines: source.width, next: 3, radius)
            source = both
        }
        return source
    }

    private static func average(
        _ from: PixelBuffer, into to: PixelBuffer, step: Int, length: Int, lines: Int, next: Int, _ radius: Int
    ) {
        for line in 0..<lines {
            for channel in 0..<3 {
                let base = line * next + channel
                var sum = 0
                for offset in -radius...radius { sum += Int(from.bytes[base + min(length - 1, max(0, offset)) * step]) }
                for index in 0..<length {
                    to.bytes[base + index * step] = UInt8(sum / (2 * radius + 1))
                    sum += Int(from.bytes[base + min(length - 1, index + radius + 1) * step])
                    sum -= Int(from.bytes[base + max(0, index - radius) * step])
                }
            }
        }
    }

    static func scaled(_ picture: PixelBuffer, brightness: Double) -> PixelBuffer {
        let result = PixelBuffer(width: picture.width, height: picture.height)
        for index in picture.bytes.indices {
            result.bytes[index] = UInt8(min(255, Double(picture.bytes[index]) * brightness))
        }
        return result
    }

    static func shrunk(_ picture: PixelBuffer, by factor: Double) -> PixelBuffer {
        let result = PixelBuffer(
            width: Int(Double(picture.width) * factor), height: Int(Double(picture.height) * factor))
        AreaResampler.shrink(picture, into: result)
        return result
    }
}
