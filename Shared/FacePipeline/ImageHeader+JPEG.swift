extension ImageHeader {
    /// Walks the segments up to the first scan (ITU-T T.81, annex B).
    static func readJPEG(_ reader: ByteReader) throws(ImageError) -> ImageHeader {
        var offset = 2
        var frame: (width: Int, height: Int)?
        var orientation: ImageOrientation?
        while let (marker, place) = reader.jpegMarker(from: offset) {
            offset = place
            // Start of scan or end of image: the header is over.
            if marker == 0xDA || marker == 0xD9 {
                guard frame == nil else { break }
                throw .corrupt(.jpeg, message: "a scan before any frame")
            }
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
            format: .jpeg, width: frame.width, height: frame.height, orientation: orientation ?? .up, scans: scans(reader, from: offset))
    }

    /// Start-of-scan markers up to the end of the image. The decoder reads all of them, also those it has no need of.
    private static func scans(_ reader: ByteReader, from start: Int) -> Int {
        var (count, offset) = (0, start)
        while let (marker, place) = reader.jpegMarker(from: offset), marker != 0xD9 {
            if marker == 0xDA { count += 1 }
            guard let length = reader.uint16(place + 2) else { break }
            offset = place + 2 + max(2, length)
        }
        return count
    }

    /// Whether the file goes on to its end-of-image marker.
    static func isCompleteJPEG(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let reader = ByteReader(bytes: bytes)
        var offset = 2
        while let (marker, place) = reader.jpegMarker(from: offset) {
            if marker == 0xD9 { return true }
            // The coded data after a scan's header holds no marker but restarts: looking on from there finds the next one.
            guard let length = reader.uint16(place + 2) else { return false }
            offset = place + 2 + max(2, length)
        }
        return false
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

extension ByteReader {
    /// The next marker that begins a segment or ends the image, and where its 0xFF lies. Stray bytes before it are passed
    /// over, as the decoder itself does (and warns of); so are coded data, restart markers and TEM.
    func jpegMarker(from start: Int) -> (marker: Int, place: Int)? {
        var place = start
        while let found = first(0xFF, from: place), let marker = self.byte(found + 1) {
            place = found
            // 0xFF may stand before a marker any number of times; before 0 it is coded data.
            if marker == 0xFF {
                place += 1
            } else if marker == 0x00 || marker == 0x01 || (0xD0...0xD7).contains(marker) {
                place += 2
            } else {
                return (marker, place)
            }
        }
        return nil
    }
}
