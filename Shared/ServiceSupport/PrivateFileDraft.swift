import Glibc
import WireModel

/// A file that only this user may read, written part by part beside its place and put there whole, or not at all.
package struct PrivateFileDraft: ~Copyable {
    private let path: String
    private let draft: String
    private let descriptor: CInt
    private var isPlaced: Bool = false

    package init(_ path: String) throws(Problem) {
        self.path = path
        draft = path + ".new.\(getpid())"
        descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw PrivateFiles.problem("cannot write", path, errno) }
    }

    deinit {
        close(descriptor)
        if !isPlaced { unlink(draft) }
    }

    package func append(_ bytes: [UInt8]) throws(Problem) {
        var written: Int = 0
        while written < bytes.count {
            let count: Int = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + written, bytes.count - written) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw PrivateFiles.problem("cannot write", path, errno) }
            written += count
        }
    }

    /// Syncs the file, renames it into place and syncs the directory.
    package mutating func place() throws(Problem) {
        guard fsync(descriptor) == 0 else { throw PrivateFiles.problem("cannot write", path, errno) }
        try PrivateFiles.move(draft, to: path)
        isPlaced = true
    }
}
