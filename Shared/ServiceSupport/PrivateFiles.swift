import Glibc
import WireModel

/// Files that only this user may read, written so that a crash leaves the old file or the new one, never half.
package enum PrivateFiles {
    /// Makes `path` and its parents, mode 0700 for the ones it makes.
    package static func makeDirectory(_ path: String) throws(Problem) {
        var built: String = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            built += "/" + part
            if mkdir(built, 0o700) != 0, errno != EEXIST {
                throw problem("cannot make the directory", built, errno)
            }
        }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw Problem(.storeUnavailable, "The data directory is not a directory.", detail: path, remedy: "Name another directory.")
        }
    }

    /// - Returns: `nil` when there is no such file.
    package static func read(_ path: String) throws(Problem) -> [UInt8]? {
        let descriptor: CInt = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw problem("cannot read", path, errno)
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count: Int = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw problem("cannot read", path, errno)
            }
            bytes.append(contentsOf: chunk[0..<count])
        }
    }

    /// Writes `bytes` to a new file beside `path`, syncs it, renames it into place and syncs the directory.
    /// - Parameter isDurable: false for what is of no use after a crash: then nothing waits for the disk, and a crash may leave
    ///   the file empty.
    package static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o600, isDurable: Bool = true) throws(Problem) {
        let draft: String = path + ".new.\(getpid())"
        let descriptor: CInt = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw problem("cannot write", draft, errno) }
        var written: Int = 0
        while written < bytes.count {
            let count: Int = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + written, bytes.count - written) }
            if count < 0 {
                if errno == EINTR { continue }
                let cause: CInt = errno
                close(descriptor)
                unlink(draft)
                throw problem("cannot write", path, cause)
            }
            written += count
        }
        let synced: Bool = !isDurable || fsync(descriptor) == 0
        let cause: CInt = errno
        close(descriptor)
        guard synced, rename(draft, path) == 0 else {
            unlink(draft)
            throw problem("cannot write", path, synced ? errno : cause)
        }
        if isDurable { syncDirectory(of: path) }
    }

    /// Adds `bytes` at the end of a file that only this user may read, and syncs it. One `write(2)` with O_APPEND: a crash
    /// leaves the line whole or absent on every file system that does not tear small writes.
    package static func append(_ bytes: [UInt8], to path: String) throws(Problem) {
        let descriptor: CInt = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw problem("cannot write", path, errno) }
        defer { close(descriptor) }
        let count: Int = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, bytes.count) }
        guard count == bytes.count, fsync(descriptor) == 0 else { throw problem("cannot write", path, errno) }
        syncDirectory(of: path)
    }

    package static func exists(_ path: String) throws(Problem) -> Bool {
        var status = stat()
        if stat(path, &status) == 0 { return true }
        guard errno == ENOENT else { throw problem("cannot look at", path, errno) }
        return false
    }

    /// Renames, and syncs the directory: after a crash either name is there, with the whole file.
    package static func move(_ source: String, to path: String) throws(Problem) {
        guard rename(source, path) == 0 else { throw problem("cannot write", path, errno) }
        syncDirectory(of: path)
    }

    /// Nothing happens when there is no such file.
    package static func remove(_ path: String) { unlink(path) }

    private static func syncDirectory(of path: String) {
        let parent: String = path.contains("/") ? String(path[..<path.lastIndex(of: "/")!]) : "."
        let descriptor: CInt = open(parent.isEmpty ? "/" : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    static func problem(_ what: String, _ path: String, _ cause: CInt) -> Problem {
        let reason: String = String(cString: strerror(cause))
        if cause == ENOSPC || cause == EDQUOT {
            return Problem(
                .storeFull, "The disk is full: Vultus \(what).", detail: "\(path): \(reason)",
                remedy: "Free some space and run the command again; nothing was lost.")
        }
        return Problem(.storeUnavailable, "Vultus \(what).", detail: "\(path): \(reason)", remedy: "Check that the path exists and that this user may use it.")
    }
}
