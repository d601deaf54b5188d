import Glibc
import ServiceSupport
import WireModel

/// What a release is put on a disk with: one call of the kernel each, so that every one of them can be where the power goes. What was
/// written is on the disk after ``sync(_:)`` of the file; a name is where it was put, or gone, after ``sync(_:)`` of its directory.
package protocol ReleaseDisk: Sendable {
    /// What the calls that follow are part of: tells whoever looks on where the power went.
    func enter(_ step: String)
    /// Nothing happens when it is there.
    func makeDirectory(_ path: String) throws(Problem)
    /// - Parameter offset: where in the file, which is made where there is none; what lay behind the new bytes stays.
    func write(_ bytes: [UInt8], to path: String, at offset: Int64) throws(Problem)
    func truncate(_ path: String, to bytes: Int64) throws(Problem)
    func setMode(_ mode: UInt32, of path: String) throws(Problem)
    func sync(_ path: String) throws(Problem)
    /// Takes the place of what was there, at once.
    func rename(_ path: String, to other: String) throws(Problem)
    func link(_ target: String, at path: String) throws(Problem)
    /// A file, a link or an empty directory. Nothing happens when there is none.
    func remove(_ path: String) throws(Problem)
}

/// The disk as it is.
package struct SystemDisk: ReleaseDisk {
    package init() {}

    package func makeDirectory(_ path: String) throws(Problem) {
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw Self.problem("cannot make the directory", path) }
    }

    package func write(_ bytes: [UInt8], to path: String, at offset: Int64) throws(Problem) {
        let descriptor: CInt = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw Self.problem("cannot write", path) }
        defer { close(descriptor) }
        var written: Int = 0
        while written < bytes.count {
            let count: Int = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress! + written, bytes.count - written, off_t(offset) + written) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.problem("cannot write", path) }
            written += count
        }
    }

    package func truncate(_ path: String, to bytes: Int64) throws(Problem) {
        guard Glibc.truncate(path, off_t(bytes)) == 0 else { throw Self.problem("cannot shorten", path) }
    }

    package func setMode(_ mode: UInt32, of path: String) throws(Problem) {
        guard chmod(path, mode_t(mode)) == 0 else { throw Self.problem("cannot set the permissions of", path) }
    }

    package func sync(_ path: String) throws(Problem) {
        let descriptor: CInt = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.problem("cannot sync", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Self.problem("cannot sync", path) }
    }

    package func rename(_ path: String, to other: String) throws(Problem) {
        guard Glibc.rename(path, other) == 0 else { throw Self.problem("cannot put in place", other) }
    }

    package func link(_ target: String, at path: String) throws(Problem) {
        guard symlink(target, path) == 0 else { throw Self.problem("cannot link", path) }
    }

    package func remove(_ path: String) throws(Problem) {
        guard Glibc.remove(path) == 0 || errno == ENOENT else { throw Self.problem("cannot remove", path) }
    }

    package static func parent(of path: String) -> String {
        path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    }

    private static func problem(_ what: String, _ path: String) -> Problem {
        let (cause, reason): (CInt, String) = (errno, String(cString: strerror(errno)))
        if cause == ENOSPC || cause == EDQUOT {
            return Problem(.storeFull, "The disk is full: Vultus \(what).", detail: "\(path): \(reason)", remedy: "Free some space; what runs goes on running.")
        }
        return Problem(.storeUnavailable, "Vultus \(what).", detail: "\(path): \(reason)", remedy: "Check that the path exists and that this user may use it.")
    }
}

extension ReleaseDisk {
    package func enter(_ step: String) {}

    /// A small file, whole: the old one or the new one is there, whenever the power goes.
    package func replace(_ path: String, with bytes: [UInt8]) throws(Problem) {
        let draft: String = path + ".new"
        try remove(draft)
        try write(bytes, to: draft, at: 0)
        try sync(draft)
        try rename(draft, to: path)
        try sync(SystemDisk.parent(of: path))
    }

    /// Everything below `path`, and itself.
    package func removeTree(_ path: String) throws(Problem) {
        if ReleaseFolder.isDirectory(path) {
            for name in try PrivateFiles.names(in: path) { try removeTree(path + "/" + name) }
        }
        try remove(path)
    }
}
