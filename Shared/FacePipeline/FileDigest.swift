import Crypto
import FoundationEssentials
import Glibc

private func systemRead(_ descriptor: CInt, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(descriptor, buffer, count)
}

/// Size and SHA-256 of a file, read in pieces so that a large one does not pass through memory whole.
package struct FileDigest: Equatable {
    package let bytes: Int
    /// 64 lower-case hex digits.
    package let sha256: String

    /// - Parameter name: how errors call the file.
    /// - Throws: `.missingFile`, `.unreadableFile`.
    package static func read(_ path: String, name: String) throws(ModelError) -> FileDigest {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw errno == ENOENT ? .missingFile(name) : .unreadableFile(name, errno: errno)
        }
        defer { close(descriptor) }
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
        defer { piece.deallocate() }
        var hash = SHA256()
        var total = 0
        while true {
            let count = systemRead(descriptor, piece.baseAddress, piece.count)
            if count == 0 { break }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw .unreadableFile(name, errno: errno)
            }
            hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: piece[..<count]))
            total += count
        }
        let digits = Array("0123456789abcdef".utf8)
        let hex = hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return FileDigest(bytes: total, sha256: String(decoding: hex, as: UTF8.self))
    }
}
