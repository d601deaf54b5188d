import Glibc

/// Cuts a stream of JPEGs, one after the other with or without bytes between them, into pictures.
///
/// It walks the markers instead of looking for the end marker's bytes, because an embedded thumbnail has an end of its
/// own (ISO/IEC 10918-1 annex B).
package struct JPEGSplitter {
    private let limit: Int
    private var buffer: [UInt8] = []
    /// Where the bytes begin that are not done with. They are dropped once a call: dropping them one by one would be work that
    /// grows with the square of what a torn stream holds.
    private var start: Int = 0
    /// How far into `buffer` the current picture has been followed.
    private var cursor: Int = 0
    private var isInScan: Bool = false
    private var isInside: Bool = false

    /// - Parameter limit: bytes of one picture; a longer one is dropped and the search begins anew.
    package init(limit: Int) { self.limit = limit }

    /// Bytes of a picture that has begun and not ended.
    package var pending: Int { isInside ? buffer.count - start : 0 }

    /// Takes the next bytes of the stream.
    /// - Returns: the pictures they complete.
    package mutating func append(_ bytes: some Sequence<UInt8>) -> [[UInt8]] {
        buffer.append(contentsOf: bytes)
        var pictures: [[UInt8]] = []
        while let picture = next() { pictures.append(picture) }
        buffer.removeFirst(start)
        (start, cursor) = (0, cursor - start)
        return pictures
    }

    private mutating func next() -> [UInt8]? {
        while true {
            if !isInside, !findStart() { return nil }
            switch follow() {
            case .more:
                if buffer.count - start > limit { restart(at: buffer.count) }
                return nil
            case .lost:
                restart(at: start + 2)
            case .end:
                let picture: [UInt8]? = cursor - start > limit ? nil : Array(buffer[start..<cursor])
                restart(at: cursor)
                if let picture { return picture }
            }
        }
    }

    private enum Step { case more, lost, end }

    private mutating func findStart() -> Bool {
        while let found = Self.first(0xFF, in: buffer, from: start) {
            start = found
            guard start + 1 < buffer.count else { return false }
            if buffer[start + 1] == 0xD8 {
                cursor = start + 2
                isInside = true
                return true
            }
            start += 1
        }
        start = buffer.count
        return false
    }

    private mutating func follow() -> Step {
        while true {
            if isInScan {
                // Entropy-coded bytes: 0xFF is followed by 0 (stuffing) or a restart marker until the next segment.
                cursor = Self.first(0xFF, in: buffer, from: cursor) ?? buffer.count
                guard cursor + 1 < buffer.count else { return .more }
                guard buffer[cursor + 1] != 0, !(0xD0...0xD7).contains(buffer[cursor + 1]) else {
                    cursor += 2
                    continue
                }
                isInScan = false
            }
            guard cursor + 1 < buffer.count else { return .more }
            guard buffer[cursor] == 0xFF else { return .lost }
            let marker: UInt8 = buffer[cursor + 1]
            if marker == 0xFF {  // fill byte
                cursor += 1
            } else if marker == 0xD9 {
                cursor += 2
                return .end
            } else if marker == 0x01 || (0xD0...0xD7).contains(marker) {
                cursor += 2
            } else {
                guard cursor + 3 < buffer.count else { return .more }
                let length: Int = Int(buffer[cursor + 2]) << 8 | Int(buffer[cursor + 3])
                guard length >= 2, marker != 0xD8, marker != 0x00 else { return .lost }
                guard cursor + 2 + length <= buffer.count else { return .more }
                cursor += 2 + length
                isInScan = marker == 0xDA
            }
        }
    }

    private mutating func restart(at place: Int) {
        (start, cursor, isInScan, isInside) = (place, place, false, false)
    }

    /// Where a byte is next; as fast as memory, for coded data is long.
    private static func first(_ value: UInt8, in bytes: [UInt8], from place: Int) -> Int? {
        bytes.withUnsafeBytes { bytes in
            guard place < bytes.count, let start = bytes.baseAddress, let found = memchr(start + place, CInt(value), bytes.count - place) else { return nil }
            return UnsafeRawPointer(found) - start
        }
    }
}
