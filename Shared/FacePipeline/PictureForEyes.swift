/// Makes pictures of any source small enough and upright, for people to look at. Not thread safe.
package final class PictureForEyes {
    private let decoder = ImageDecoder()
    private let whole = PixelBuffer(width: 1, height: 1)
    private let limits: ImageLimits

    package init(limits: ImageLimits = ImageLimits()) { self.limits = limits }

    /// - Parameters:
    ///   - layout: of raw pixels; `nil` for a JPEG or PNG.
    ///   - width: pixels it may have at most; `height` too.
    /// - Returns: a picture of its own, upright, never larger than it was.
    /// - Throws: `ImageError` when the picture is refused.
    package func picture(_ bytes: UnsafeRawBufferPointer, as layout: RawLayout?, within width: Int, _ height: Int) throws(ImageError) -> PixelBuffer {
        let header: ImageHeader = if let layout { ImageHeader(layout) } else { try ImageHeader.read(bytes) }
        guard bytes.count <= limits.bytes else { throw .tooManyBytes(count: bytes.count, limit: limits.bytes) }
        try header.check(limits)
        let scale: Double = min(1, Double(width) / Double(header.uprightWidth), Double(height) / Double(header.uprightHeight))
        let wanted: (width: Int, height: Int) = (
            max(1, Int((Double(header.width) * scale).rounded())), max(1, Int((Double(header.height) * scale).rounded()))
        )
        let reduction: Int? = ImageDecoder.reductions.first {
            ImageDecoder.reduced(header.width, by: $0) >= wanted.width && ImageDecoder.reduced(header.height, by: $0) >= wanted.height
        }
        try decoder.decode(bytes, header: header, reduction: header.format == .jpeg ? reduction ?? 1 : 1, into: whole)
        let small = PixelBuffer(width: wanted.width, height: wanted.height)
        AreaResampler.shrink(whole, into: small)
        return header.orientation == .up ? small : small.upright(header.orientation)
    }

    /// Whether a JPEG can be shown as it is: upright, and no larger than `longest`.
    package static func needsNothing(_ bytes: UnsafeRawBufferPointer, longest: Int) -> Bool {
        guard let header = try? ImageHeader.read(bytes) else { return false }
        return header.format == .jpeg && header.orientation == .up && max(header.width, header.height) <= longest
    }
}
