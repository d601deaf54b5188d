import Glibc

/// Reads integers out of bytes; every read past the end answers `nil`.
struct ByteReader {
    let bytes: UnsafeRawBufferPointer

    func byte(_ offset: Int) -> Int? {
        offset >= 0 && offset < bytes.count ? Int(bytes[offset]) : nil
    }

    func uint16(_ offset: Int, littleEndian: Bool = false) -> Int? {
        guard let first = byte(offset), let second = byte(offset + 1) else { return nil }
        return littleEndian ? second << 8 | first : first << 8 | second
    }

    func uint32(_ offset: Int, littleEndian: Bool = false) -> Int? {
        guard let first = uint16(offset, littleEndian: littleEndian),
            let second = uint16(offset + 2, littleEndian: littleEndian)
        else { return nil }
        return littleEndian ? second << 16 | first : first << 16 | second
    }

    /// Where a byte is next; as fast as memory, for coded data is long.
    func first(_ value: UInt8, from offset: Int) -> Int? {
        guard offset >= 0, offset < bytes.count, let start = bytes.baseAddress, let found = memchr(start + offset, CInt(value), bytes.count - offset)
        else { return nil }
        return UnsafeRawPointer(found) - start
    }

    func matches(_ text: StaticString, at offset: Int) -> Bool {
        guard offset >= 0, offset + text.utf8CodeUnitCount <= bytes.count else { return false }
        return text.withUTF8Buffer { pattern in
            bytes[offset..<offset + pattern.count].elementsEqual(pattern)
        }
    }
}
