/// The picture formats that are decoded.
package enum ImageFormat: String, Hashable, Sendable, Codable {
    case jpeg = "JPEG"
    case png = "PNG"
    /// A camera's own pixels.
    case raw = "raw"
}

/// Why a picture is refused. Never about what it shows, and never carries pixels.
package enum ImageError: Error, Equatable, Sendable {
    /// No bytes at all.
    case empty
    /// Not a picture; `looksLike` says what the first bytes are, when they are known ("PDF", "text", "zeros" …).
    case notAnImage(looksLike: String?)
    /// A picture in a form that is not decoded ("WebP", "CMYK JPEG" …): convert to RGB JPEG or PNG.
    case unsupported(String)
    /// More encoded bytes than `ImageLimits.bytes`.
    case tooManyBytes(count: Int, limit: Int)
    /// The header promises more pixels, or a longer side, than allowed; nothing was decoded.
    case tooManyPixels(width: Int, height: Int, limit: Int)
    /// A JPEG that is cut into more scans than allowed for its size, each of which is work; nothing was decoded.
    case tooManyScans(count: Int, limit: Int)
    /// The file ends before the picture does: copy or send it again.
    case truncated(ImageFormat)
    /// Raw pixels whose rows are shorter than a row's pixels, or whose sides do not go with their format: the camera's driver
    /// or its settings are at fault.
    case wrongLayout(RawLayout)
    /// Fewer bytes than the layout of raw pixels needs.
    case shortOfPixels(count: Int, needed: Int)
    /// The file is damaged; `message` is the decoder's own.
    case corrupt(ImageFormat, message: String)
}
