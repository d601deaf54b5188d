extension ImageHeader {
    /// Reads IHDR, then walks the chunks for eXIf (PNG specification, third edition, 11.2.1 and 11.3.4.5).
    static func readPNG(_ reader: ByteReader) throws(ImageError) -> ImageHeader {
        guard reader.byte(28) != nil else { throw .truncated(.png) }
        guard reader.uint32(8) == 13, reader.matches("IHDR", at: 12) else {
            throw .corrupt(.png, message: "the first chunk is not IHDR")
        }
        guard let width = reader.uint32(16), let height = reader.uint32(20) else {
            throw .truncated(.png)
        }
        guard width > 0, height > 0, width <= Int(Int32.max), height <= Int(Int32.max) else {
            throw .corrupt(.png, message: "a size of \(width) × \(height)")
        }
        var orientation: ImageOrientation?
        for chunk in PNGChunks(reader: reader) where chunk.isExif {
            orientation = .read(tiff: UnsafeRawBufferPointer(rebasing: reader.bytes[chunk.body]))
        }
        return ImageHeader(format: .png, width: width, height: height, orientation: orientation ?? .up)
    }

    /// Whether the file holds every chunk up to IEND; libpng itself cannot tell an early end from damage.
    static func isCompletePNG(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var last: PNGChunks.Chunk?
        for chunk in PNGChunks(reader: ByteReader(bytes: bytes)) { last = chunk }
        return last?.isEnd ?? false
    }
}

/// The whole chunks of a PNG, in order; stops before one that the file does not hold whole, and after IEND.
struct PNGChunks: Sequence, IteratorProtocol {
    struct Chunk {
        let body: Range<Int>
        let isExif: Bool
        let isEnd: Bool
    }

    let reader: ByteReader
    private var offset = 8
    private var ended = false

    init(reader: ByteReader) {
        self.reader = reader
    }

    mutating func next() -> Chunk? {
        guard !ended, let length = reader.uint32(offset) else { return nil }
        let body = offset + 8
        // Four bytes of CRC follow the body.
        guard body + length + 4 <= reader.bytes.count else { return nil }
        let chunk = Chunk(
            body: body..<body + length, isExif: reader.matches("eXIf", at: offset + 4),
            isEnd: reader.matches("IEND", at: offset + 4))
        ended = chunk.isEnd
        offset = body + length + 4
        return chunk
    }
}
