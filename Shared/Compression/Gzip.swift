/// gzip (RFC 1952) over whole bodies, as HTTP's content coding of that name carries them.
package enum Gzip {
    package static func compress(_ bytes: [UInt8]) -> [UInt8] {
        var deflater = Deflater()
        return deflater.deflate(bytes, isLast: true)
    }

    /// - Parameter limit: bytes of the result, at most: a small body can claim a thousand times its size.
    package static func inflate(_ bytes: [UInt8], limit: Int) throws(GzipError) -> [UInt8] {
        var inflater = Inflater()
        let plain: [UInt8] = try inflater.inflate(bytes, limit: limit)
        guard inflater.isComplete else { throw .damaged }
        return plain
    }
}
