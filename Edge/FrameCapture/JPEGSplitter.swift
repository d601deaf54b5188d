/// Cuts a stream of JPEGs, one after the other with or without bytes between them, into pictures.
///
/// It walks the markers instead of looking for the end marker's bytes, because an embedded thumbnail has an end of its
/// own (ISO/IEC 10918-1 annex B).
package struct JPEGSplitter {
    private let limit: Int
    private var buffer: [UInt8] = []
    /// How far into `buffer` the current picture has been followed.
    private var cursor: Int = 0
    private var isInScan: Bool = false
    private var isInside: Bool = false

    /// - Parameter limit: bytes of one picture; a longer one is dropped and the search begins anew.
    package init(limit: Int) { self.limit = limit }

    /// Bytes of a picture that has begun and not ended.
    package var pending: Int { isInside ? buffer.count : 0 }

    /// Takes the next bytes of the stream.
    /// - Returns: the pictures they complete.
    package mutating func append(_ bytes: some Sequence<UInt8>) -> [[UInt8]] {
        buffer.append(contentsOf: bytes)
        var pictures: [[UInt8]] = []
        while let picture = next() { pictures.append(picture) }
        return pictures
    }

    private mutating func next() -> [UInt8]? {
        while true {
            if !isInside, !findStart() { return nil }
            switch follow() {
            case .more:
                if buffer.count > limit { restart(dropping: buffer.count) }
                return nil
            case .lost:
                restart(dropping: 2)
            case .end:
                let count: Int = cursor
                let picture: [UInt8]? = count > limit ? nil : Array(buffer[..<count])
                restart(dropping: count)
                if let picture { return picture }
            }
        }
    }

    private enum Step { case more, lost, end }

    private mutating func findStart() -> Bool {
        var index: Int = 0
        while index + 1 < buffer.count {
            if buffer[index] == 0xFF, buffer[index + 1] == 0xD8 {
                buffer.removeFirst(index)
                cursor = 2
                isInside = true
                return true
            }
            index += 1
        }
        buffer.removeFirst(buffer.last == 0xFF ? buffer.count - 1 : buffer.count)
        return false
    }

    private mutating func follow() -> Step {
        while true {
            if isInScan {
                // Entropy-coded bytes: 0xFF is followed by 0 (stuffing) or a restart marker until the next segment.
                while cursor + 1 < buffer.count, buffer[cursor] != 0xFF || buffer[cursor + 1] == 0 || (0xD0...0xD7).contains(buffer[cursor + 1]) { cursor += 1 }
                guard cursor + 1 < buffer.count else { return .more }
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

    private mutating func restart(dropping count: Int) {
        buffer.removeFirst(count)
        cursor = 0
        isInScan = false
        isInside = false
    }
}
