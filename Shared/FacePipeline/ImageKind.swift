/// What a file is, by its first bytes.
enum ImageKind: Equatable {
    case decodable(ImageFormat)
    /// A picture that is not decoded here, by its usual name.
    case foreign(String)
    /// No picture; what else it is, when known.
    case other(String?)

    private static let pictures: [(name: String, offset: Int, bytes: [UInt8])] = [
        ("GIF", 0, Array("GIF8".utf8)), ("BMP", 0, Array("BM".utf8)), ("JPEG XL", 0, [0xFF, 0x0A]),
        ("WebP", 8, Array("WEBP".utf8)), ("TIFF", 0, [0x49, 0x49, 0x2A, 0x00]), ("TIFF", 0, [0x4D, 0x4D, 0x00, 0x2A]),
        ("HEIC", 4, Array("ftypheic".utf8)), ("HEIC", 4, Array("ftypheix".utf8)), ("HEIF", 4, Array("ftypmif1".utf8)),
        ("HEIC", 4, Array("ftyphevc".utf8)), ("AVIF", 4, Array("ftypavif".utf8)),
        ("JPEG XL", 4, Array("JXL ".utf8)), ("JPEG 2000", 4, Array("jP  ".utf8)),
        ("JPEG 2000", 0, [0xFF, 0x4F, 0xFF, 0x51]), ("ICO", 0, [0, 0, 1, 0]), ("PSD", 0, Array("8BPS".utf8)),
    ]

    private static let others: [(name: String, offset: Int, bytes: [UInt8])] = [
        ("PDF", 0, Array("%PDF".utf8)), ("ZIP", 0, [0x50, 0x4B, 3, 4]), ("gzip", 0, [0x1F, 0x8B]),
        ("ELF program", 0, [0x7F, 0x45, 0x4C, 0x46]), ("MP4 video", 4, Array("ftyp".utf8)),
        ("Matroska video", 0, [0x1A, 0x45, 0xDF, 0xA3]), ("RIFF", 0, Array("RIFF".utf8)),
    ]

    init(_ bytes: UnsafeRawBufferPointer) {
        func has(_ pattern: [UInt8], at offset: Int) -> Bool {
            bytes.count >= offset + pattern.count && bytes[offset..<offset + pattern.count].elementsEqual(pattern)
        }
        if has([0xFF, 0xD8], at: 0) {
            self = .decodable(.jpeg)
        } else if has([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], at: 0) {
            self = .decodable(.png)
        } else if let picture = Self.pictures.first(where: { has($0.bytes, at: $0.offset) }) {
            self = .foreign(picture.name)
        } else if let other = Self.others.first(where: { has($0.bytes, at: $0.offset) }) {
            self = .other(other.name)
        } else {
            let start = bytes.prefix(64)
            if start.allSatisfy({ $0 == 0 }) {
                self = .other("zeros")
            } else if start.allSatisfy({ $0 >= 0x20 && $0 < 0x7F || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }) {
                self = .other("text")
            } else {
                self = .other(nil)
            }
        }
    }
}
