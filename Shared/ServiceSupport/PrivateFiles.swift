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

    /// Copies a file to a new one that only this user may read, for use by this process: nothing waits for the disk.
    package static func copy(_ source: String, to path: String) throws(Problem) {
        let from: CInt = open(source, O_RDONLY | O_CLOEXEC)
        guard from >= 0 else { throw problem("cannot read", source, errno) }
        defer { close(from) }
        let to: CInt = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard to >= 0 else { throw problem("cannot write", path, errno) }
        defer { close(to) }
        while true {
            let count: Int = sendfile(to, from, nil, 1 << 20)
            if count == 0 { return }
            if count < 0, errno != EINTR { throw problem("cannot write", path, errno) }
        }
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

    /// Zeroes in place of a small file's bytes, on the disk: what the file system or the disk keeps of the old ones is beyond this.
    package static func overwrite(_ path: String) throws(Problem) {
        let descriptor: CInt = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw problem("cannot write", path, errno) }
        defer { close(descriptor) }
        var status = stat()
        let size: Int = fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
        let zeroes = [UInt8](repeating: 0, count: min(size, 1 << 20))
        guard pwrite(descriptor, zeroes, zeroes.count, 0) == zeroes.count, fsync(descriptor) == 0 else { throw problem("cannot write", path, errno) }
    }

    /// Of the files in a directory, without order.
    package static func names(in directory: String) throws(Problem) -> [String] {
        guard let stream = opendir(directory) else { throw problem("cannot read", directory, errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name: String = withUnsafePointer(to: &entry.pointee.d_name) { $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) } }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
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
