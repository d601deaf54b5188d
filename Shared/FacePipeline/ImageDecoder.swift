import CPNG
import CTurboJPEG

/// Decodes pictures to RGB8 as stored, whole or, for JPEG, at a half, a quarter or an eighth of the size.
/// Keeps one block of memory per buffer it is asked to fill. Not thread safe.
final class ImageDecoder {
    private let turbo: tjhandle?

    init() {
        turbo = tjInitDecompress()
    }

    deinit {
        if let turbo { tjDestroy(turbo) }
    }

    /// The reductions a JPEG can be decoded at with SIMD; 3/8, 5/8 … exist, but in plain C, slower than a whole decode.
    static let reductions = [8, 4, 2, 1]

    /// Width or height after decoding at one `reduction`th.
    static func reduced(_ side: Int, by reduction: Int) -> Int {
        Int(vultus_tj_scaled(CInt(side), CInt(reduction)))
    }

    /// - Parameters:
    ///   - header: what `ImageHeader.read` said of the same bytes.
    ///   - reduction: 1, 2, 4 or 8; 1 for anything but JPEG.
    ///   - buffer: resized and filled.
    /// - Throws: `.truncated`, `.corrupt`, `.unsupported`, `.wrongLayout`, `.shortOfPixels`. A picture that is only half there is never handed back.
    func decode(
        _ bytes: UnsafeRawBufferPointer, header: ImageHeader, reduction: Int, into buffer: PixelBuffer
    ) throws(ImageError) {
        switch header.format {
        case .jpeg: try decodeJPEG(bytes, header: header, reduction: reduction, into: buffer)
        case .png: try decodePNG(bytes, header: header, into: buffer)
        case .raw:
            guard let layout = header.raw else { throw .notAnImage(looksLike: nil) }
            try layout.convert(bytes, into: buffer)
        }
    }

    private func decodePNG(
        _ bytes: UnsafeRawBufferPointer, header: ImageHeader, into buffer: PixelBuffer
    ) throws(ImageError) {
        guard ImageHeader.isCompletePNG(bytes) else { throw .truncated(.png) }
        buffer.resize(width: header.width, height: header.height)
        var message = vultus_png_message()
        let status = vultus_png_decode_rgb(
            bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count, buffer.bytes.baseAddress,
            UInt32(header.width), UInt32(header.height), &message)
        guard status == 0 else {
            throw .corrupt(.png, message: withUnsafeBytes(of: &message.text) { cString($0) })
        }
    }

    private func decodeJPEG(
        _ bytes: UnsafeRawBufferPointer, header: ImageHeader, reduction: Int, into buffer: PixelBuffer
    ) throws(ImageError) {
        guard let turbo else { throw .corrupt(.jpeg, message: "the JPEG decoder has no memory") }
        buffer.resize(
            width: Self.reduced(header.width, by: reduction), height: Self.reduced(header.height, by: reduction))
        guard let failure = decompress(turbo, bytes, into: buffer) else { return }
        guard !failure.isFatal, failure.isHarmless else { throw failure.error }
        // The library keeps only the first of its warnings: behind a harmless one may hide that the file ends early.
        guard ImageHeader.isCompleteJPEG(bytes) else { throw .truncated(.jpeg) }
    }

    /// `nil` when the picture was decoded without a word.
    private func decompress(
        _ turbo: tjhandle, _ bytes: UnsafeRawBufferPointer, into buffer: PixelBuffer
    ) -> JPEGFailure? {
        // LIMITSCANS: a progressive file of thousands of scans takes minutes; 500 are allowed, encoders write about 10.
        let status = tjDecompress2(
            turbo, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt(bytes.count), buffer.bytes.baseAddress,
            CInt(buffer.width), CInt(buffer.width * 3), CInt(buffer.height), CInt(TJPF_RGB.rawValue),
            TJFLAG_LIMITSCANS)
        guard status != 0 else { return nil }
        return JPEGFailure(
            message: String(cString: tjGetErrorStr2(turbo)), isFatal: tjGetErrorCode(turbo) == CInt(TJERR_FATAL.rawValue))
    }
}

/// What libjpeg-turbo said of a picture (its messages are fixed: jerror.h).
struct JPEGFailure {
    let message: String
    let isFatal: Bool

    /// The picture is whole all the same: padding between segments, odd version numbers.
    var isHarmless: Bool {
        !isTruncation && !message.contains("Huffman") && !message.contains("arithmetic")
            && !message.contains("found marker")
    }

    private var isTruncation: Bool {
        message.contains("Premature end") || message.contains("premature end")
    }

    var error: ImageError {
        isTruncation || message.contains("empty input") ? .truncated(.jpeg) : .corrupt(.jpeg, message: message)
    }
}

/// A C string in a fixed array.
func cString(_ bytes: UnsafeRawBufferPointer) -> String {
    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
}
