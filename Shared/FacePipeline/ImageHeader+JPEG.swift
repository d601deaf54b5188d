extension ImageHeader {
    /// Walks the segments up to the first scan (ITU-T T.81, annex B).
    static func readJPEG(_ reader: ByteReader) throws(ImageError) -> ImageHeader {
        var offset = 2
        var frame: (width: Int, height: Int)?
        var orientation: ImageOrientation?
        while let byte = reader.byte(offset) {
            guard byte == 0xFF else { throw .corrupt(.jpeg, message: "no marker where one must be") }
            guard let marker = reader.byte(offset + 1) else { break }
            // Any number of fill bytes may stand before a marker.
            if marker == 0xFF { offset += 1; continue }
            // Start of scan or end of image: the header is over.
            if marker == 0xDA || marker == 0xD9 {
                guard frame == nil else { break }
                throw .corrupt(.jpeg, message: "a scan before any frame")
            }
            // Restart markers and TEM stand alone.
            if (0xD0...0xD7).contains(marker) || marker == 0x01 { offset += 2; continue }
            guard let length = reader.uint16(offset + 2) else { break }
            guard length >= 2 else { throw .corrupt(.jpeg, message: "a segment shorter than its own length") }
            let body = offset + 4
            if marker == 0xE1, orientation == nil, reader.matches("Exif\0", at: body) {
                let end = min(offset + 2 + length, reader.bytes.count)
                if body + 6 < end {
                    orientation = .read(tiff: UnsafeRawBufferPointer(rebasing: reader.bytes[body + 6..<end]))
                }
            } else if isFrame(marker), frame == nil {
                frame = try readFrame(reader, body: body, marker: marker)
            }
            offset += 2 + length
        }
        guard let frame else { throw .truncated(.jpeg) }
        return ImageHeader(
            format: .jpeg, width: frame.width, height: frame.height, orientation: orientation ?? .up)
    }

    /// SOF0–SOF15 without the three numbers in that range that mean something else: DHT, JPG, DAC.
    private static func isFrame(_ marker: Int) -> Bool {
        (0xC0...0xCF).contains(marker) && marker != 0xC4 && marker != 0xC8 && marker != 0xCC
    }

    private static func readFrame(
        _ reader: ByteReader, body: Int, marker: Int
    ) throws(ImageError) -> (width: Int, height: Int) {
        guard let precision = reader.byte(body), let height = reader.uint16(body + 1),
            let width = reader.uint16(body + 3), let components = reader.byte(body + 5)
        else { throw .truncated(.jpeg) }
        guard width > 0 else { throw .corrupt(.jpeg, message: "a width of zero") }
        guard height > 0 else { throw .unsupported("JPEG with its height after the scan") }
        // Baseline, extended and progressive with Huffman coding; the arithmetic twins of the last two.
        guard [0xC0, 0xC1, 0xC2, 0xC9, 0xCA].contains(marker) else { throw .unsupported("lossless or hierarchical JPEG") }
        guard precision == 8 else { throw .unsupported("\(precision)-bit JPEG") }
        switch components {
        case 1, 3: return (width, height)
        case 4: throw .unsupported("CMYK JPEG")
        default: throw .unsupported("JPEG of \(components) components")
        }
    }
}
