import CZlib

/// Writes one gzip member part by part, in memory that does not grow with what goes through it (about 270 KB).
package struct Deflater: ~Copyable {
    // zlib's state points back at the stream, which therefore must not move.
    private let stream: UnsafeMutablePointer<z_stream>

    /// - Parameter level: 1 (quick) to 9 (small).
    package init(level: Int32 = 6) {
        stream = .allocate(capacity: 1)
        let code: Int32 = vultus_gzip_begin(stream, level)
        precondition(code == Z_OK, "zlib has no memory")
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// - Parameter isLast: ends the member; nothing more may be given.
    /// - Returns: what can be passed on so far; may be empty.
    package mutating func deflate(_ part: some Collection<UInt8>, isLast: Bool) -> [UInt8] {
        var input: [UInt8] = Array(part)
        var output: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 64 * 1024)
        input.withUnsafeMutableBufferPointer { input in
            stream.pointee.next_in = input.baseAddress
            stream.pointee.avail_in = UInt32(input.count)
            var isFull: Bool = true
            while isFull {
                let count: Int = room.withUnsafeMutableBufferPointer { room in
                    stream.pointee.next_out = room.baseAddress
                    stream.pointee.avail_out = UInt32(room.count)
                    CZlib.deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                    return room.count - Int(stream.pointee.avail_out)
                }
                output.append(contentsOf: room[..<count])
                isFull = count == room.count
            }
        }
        return output
    }
}
