import Compression
import Crypto
import ServiceSupport
import WireModel

/// Writes a sync file message by message, in memory that does not grow with their number; there is no file until all is signed.
package struct SyncFileWriter: ~Copyable {
    private let kind: SyncFileKind
    private var file: PrivateFileDraft
    private var deflater = Deflater()
    private var digest = SHA256()
    private var pending: [UInt8] = []
    private let seal: ([UInt8]) throws -> [UInt8]
    package private(set) var bytes: Int64 = 0

    /// - Parameter seal: what each frame goes through.
    package init(_ path: String, kind: SyncFileKind, header: some Encodable, seal: @escaping ([UInt8]) throws -> [UInt8] = { $0 }) throws {
        let text: [UInt8] = try JSON.bytes(header)
        let head: [UInt8] = SyncFileLayout.magic + [SyncFileLayout.version, kind.rawValue] + SyncFileLayout.length(text.count) + text
        let file = try PrivateFileDraft(path)
        try file.append(head)
        self.file = file
        self.kind = kind
        self.seal = seal
        digest.update(data: head)
        bytes = Int64(head.count)
    }

    package mutating func append(_ message: some Encodable) throws {
        pending += deflater.deflate(try JSON.bytes(message) + [0x0A], isLast: false)
        try flush(from: SyncFileLayout.largestFrame / 2)
    }

    /// Ends, signs and places the file.
    /// - Parameter sign: given what is to be signed; 64 bytes.
    /// - Returns: the digest that an answer names.
    package mutating func finish(sign: ([UInt8]) throws -> [UInt8]) throws -> EntryHash {
        pending += deflater.deflate([], isLast: true)
        try flush(from: 1)
        try put(SyncFileLayout.length(0))
        let hash = EntryHash(Array(digest.finalize()))!
        try put(try sign(kind.signedBytes(digest: hash)))
        try file.place()
        return hash
    }

    private mutating func flush(from least: Int) throws {
        while pending.count >= least {
            let part: [UInt8] = Array(pending.prefix(SyncFileLayout.largestFrame / 2))
            pending.removeFirst(part.count)
            let frame: [UInt8] = try seal(part)
            try put(SyncFileLayout.length(frame.count) + frame)
        }
    }

    private mutating func put(_ part: [UInt8]) throws {
        digest.update(data: part)
        bytes += Int64(part.count)
        try file.append(part)
    }
}
