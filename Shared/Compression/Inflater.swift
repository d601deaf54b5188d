import CZlib

/// Reads one gzip member part by part. What it gives is bounded by what each call is told, not by what the sender claims.
package struct Inflater: ~Copyable {
    private let stream: UnsafeMutablePointer<z_stream>
    /// Whether the member's end, with its check sum, has been read.
    package private(set) var isComplete: Bool = false

    package init() {
        stream = .allocate(capacity: 1)
        let code: Int32 = vultus_gunzip_begin(stream)
        precondition(code == Z_OK, "zlib has no memory")
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// - Parameter limit: bytes this part may become, at most.
    /// - Throws: `.damaged` also for whatever follows the member's end.
    package mutating func inflate(_ part: some Collection<UInt8>, limit: Int) throws(GzipError) -> [UInt8] {
        guard !part.isEmpty else { return [] }
        guard !isComplete else { throw .damaged }
        var input: [UInt8] = Array(part)
        var output: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 64 * 1024)
        var fault: GzipError?
        input.withUnsafeMutableBufferPointer { input in
            stream.pointee.next_in = input.baseAddress
            stream.pointee.avail_in = UInt32(input.count)
            while fault == nil {
                let (code, count): (Int32, Int) = room.withUnsafeMutableBufferPointer { room in
                    stream.pointee.next_out = room.baseAddress
                    stream.pointee.avail_out = UInt32(room.count)
                    let code: Int32 = CZlib.inflate(stream, Z_NO_FLUSH)
                    return (code, room.count - Int(stream.pointee.avail_out))
                }
                if output.count + count > limit {
                    fault = .tooLarge(limit: limit)
                } else {
                    output.append(contentsOf: room[..<count])
                }
                if code == Z_STREAM_END {
                    isComplete = true
                    if stream.pointee.avail_in > 0 { fault = fault ?? .damaged }
                    return
                }
                // Nothing left to read or nothing more to give: the next part goes on from here.
                if code == Z_BUF_ERROR || (code == Z_OK && stream.pointee.avail_in == 0 && stream.pointee.avail_out > 0) { return }
                if code != Z_OK { fault = fault ?? .damaged }
            }
        }
        if let fault { throw fault }
        return output
    }
}
