import Compression
import Crypto
import Glibc
import ServiceSupport
import WireModel

/// A sync file that is whole: its frames are as long as they say, and nothing follows its signature. Whose signature it is, the
/// reader asks with ``isSigned(by:)`` before it believes anything of it.
package struct SyncFile: Sendable {
    package let path: String
    package let kind: SyncFileKind
    /// SHA-256 of everything before the signature.
    package let digest: EntryHash
    package let signature: [UInt8]
    package let bytes: Int64
    private let header: [UInt8]

    /// Reads all of it once.
    /// - Throws: `file_unreadable`, or `sync_file_damaged` for what is cut short, no sync file, or of another kind.
    package init(_ path: String, kind: SyncFileKind) throws(Problem) {
        let reader = try SyncFileBytes(path)
        var header: [UInt8] = []
        try Self.walk(reader, kind: kind) { header = $0 } frame: { _ in }
        self.path = path
        self.kind = kind
        self.header = header
        digest = EntryHash(Array(reader.digest.finalize()))!
        signature = try reader.take(SyncFileLayout.signatureBytes, isSigned: false)
        bytes = reader.count
        guard try reader.isAtEnd() else { throw SyncFileLayout.damaged("something follows its end") }
    }

    package func header<Header: Decodable>(_ type: Header.Type) throws(Problem) -> Header {
        do { return try JSON.value(type, from: header) } catch { throw SyncFileLayout.damaged("its header cannot be read") }
    }

    /// What is to be verified with the signer's key.
    package var signedBytes: [UInt8] { kind.signedBytes(digest: digest) }

    /// Its messages one after the other, in memory that does not grow with their number.
    /// - Parameter open: what each frame goes through.
    package func messages<Message: Decodable>(
        _ type: Message.Type, open: ([UInt8]) throws -> [UInt8] = { $0 }, _ body: (Message) async throws -> Void
    ) async throws {
        let reader = try SyncFileBytes(path)
        var inflater = Inflater()
        var rest: [UInt8] = []
        _ = try Self.begin(reader, kind: kind)
        while let frame = try Self.frame(reader) {
            let plain: [UInt8]
            do { plain = try inflater.inflate(try open(frame), limit: SyncFileLayout.largestLine) } catch is GzipError {
                throw SyncFileLayout.damaged("its content does not inflate")
            }
            rest += plain
            var begin: Int = 0
            while let end = rest[begin...].firstIndex(of: 0x0A) {
                let line: [UInt8] = Array(rest[begin..<end])
                begin = end + 1
                let message: Message
                do { message = try JSON.value(type, from: line) } catch { throw SyncFileLayout.damaged("a message cannot be read") }
                try await body(message)
            }
            rest.removeFirst(begin)
            guard rest.count <= SyncFileLayout.largestLine else { throw SyncFileLayout.damaged("a message is too long") }
        }
        let isComplete: Bool = inflater.isComplete
        guard isComplete, rest.isEmpty else { throw SyncFileLayout.damaged("its content is cut short") }
    }

    private static func walk(_ reader: SyncFileBytes, kind: SyncFileKind, header: ([UInt8]) -> Void, frame: ([UInt8]) -> Void) throws(Problem) {
        header(try begin(reader, kind: kind))
        while let bytes = try Self.frame(reader) { frame(bytes) }
    }

    /// - Returns: the header.
    private static func begin(_ reader: SyncFileBytes, kind: SyncFileKind) throws(Problem) -> [UInt8] {
        guard try reader.take(SyncFileLayout.magic.count) == SyncFileLayout.magic else { throw SyncFileLayout.damaged("it does not begin as one") }
        let version: UInt8 = try reader.take(1)[0]
        guard version == SyncFileLayout.version else { throw SyncFileLayout.damaged("it is of version \(version), this program reads \(SyncFileLayout.version)") }
        guard SyncFileKind(rawValue: try reader.take(1)[0]) == kind else {
            throw SyncFileLayout.damaged(kind == .request ? "it is not what a device exported" : "it is not a hub's answer")
        }
        let count: Int = try reader.length()
        guard count <= SyncFileLayout.largestHeader else { throw SyncFileLayout.damaged("its header is too long") }
        return try reader.take(count)
    }

    /// - Returns: `nil` at the end.
    private static func frame(_ reader: SyncFileBytes) throws(Problem) -> [UInt8]? {
        let count: Int = try reader.length()
        guard count <= SyncFileLayout.largestFrame else { throw SyncFileLayout.damaged("a part of it is too long") }
        return count == 0 ? nil : try reader.take(count)
    }
}

/// A file's bytes in order, digested as they are read.
private final class SyncFileBytes {
    private(set) var digest = SHA256()
    private(set) var count: Int64 = 0
    private let path: String
    private let descriptor: CInt
    private var buffer: ArraySlice<UInt8> = []

    init(_ path: String) throws(Problem) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.unreadable(path, errno) }
    }

    deinit { close(descriptor) }

    /// - Parameter isSigned: the signature itself is not part of what it signs.
    func take(_ wanted: Int, isSigned: Bool = true) throws(Problem) -> [UInt8] {
        while buffer.count < wanted {
            guard try fill() else { throw SyncFileLayout.damaged("it ends after \(count + Int64(buffer.count)) bytes, in the middle") }
        }
        let part: [UInt8] = Array(buffer.prefix(wanted))
        buffer.removeFirst(wanted)
        count += Int64(wanted)
        if isSigned { digest.update(data: part) }
        return part
    }

    func length() throws(Problem) -> Int { try take(4).reduce(0) { $0 << 8 | Int($1) } }

    func isAtEnd() throws(Problem) -> Bool {
        guard buffer.isEmpty else { return false }
        return try !fill()
    }

    private func fill() throws(Problem) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 256 * 1024)
        var got: Int = read(descriptor, &chunk, chunk.count)
        while got < 0 && errno == EINTR { got = read(descriptor, &chunk, chunk.count) }
        guard got >= 0 else { throw Self.unreadable(path, errno) }
        buffer = ArraySlice(Array(buffer) + chunk[..<got])
        return got > 0
    }

    private static func unreadable(_ path: String, _ cause: CInt) -> Problem {
        Problem(
            .fileUnreadable, "The file cannot be read.", detail: "\(path): \(String(cString: strerror(cause)))",
            remedy: "Check the path, and that this user may read it.")
    }
}
