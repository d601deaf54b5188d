import Crypto
import Glibc
import ServiceSupport
import WireModel

/// The files of a release in a directory.
package enum ReleaseFolder {
    /// Reads every file below `folder`, for a manifest. Links are not followed: what they name would be another file elsewhere.
    /// - Throws: `release_unsuitable` for what cannot be part of a release.
    package static func files(in folder: String) throws -> [ReleaseFile] {
        var found: [ReleaseFile] = []
        try visit(folder, below: "") { path, status in
            guard path != ReleaseLimit.manifestName else { return }
            guard status.st_mode & S_IFMT == S_IFREG, ReleaseManifest.isPath(path) else {
                throw Problem(
                    .releaseUnsuitable, "That cannot be part of a release.", detail: path,
                    remedy: "A release has regular files, named with letters, digits, `.`, `_`, `+` and `-`; leave links, hidden files and everything else out."
                )
            }
            let digest: (bytes: Int64, sha256: String) = try digest(folder + "/" + path)
            found.append(ReleaseFile(path: path, bytes: digest.bytes, sha256: digest.sha256, isExecutable: status.st_mode & S_IXUSR != 0))
        }
        return found.sorted { $0.path < $1.path }
    }

    private static func visit(_ folder: String, below path: String, _ body: (String, stat) throws -> Void) throws {
        for name in try PrivateFiles.names(in: folder) {
            var status = stat()
            let below: String = path.isEmpty ? name : path + "/" + name
            guard lstat(folder + "/" + name, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR { try visit(folder + "/" + name, below: below, body) } else { try body(below, status) }
        }
    }

    /// - Returns: the first file that is not as the manifest says, or `nil` when all are.
    package static func fault(of manifest: ReleaseManifest, in folder: String) -> String? {
        manifest.files.first { file in
            let path: String = folder + "/" + file.path
            guard size(of: path) == file.bytes, let found = try? digest(path), found.sha256 == file.sha256 else { return true }
            return file.isExecutable && access(path, X_OK) != 0
        }?.path
    }

    /// - Returns: `nil` where there is no such file.
    package static func size(of path: String) -> Int64? {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG ? Int64(status.st_size) : nil
    }

    package static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Bytes free for this user on the file system of a folder.
    package static func freeBytes(at folder: String) -> Int64 {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { return .max }
        return Int64(status.f_bavail) * Int64(status.f_frsize)
    }

    /// Read in pieces: a program does not pass through memory whole.
    package static func digest(_ path: String) throws -> (bytes: Int64, sha256: String) {
        var (hash, total): (SHA256, Int64) = (SHA256(), 0)
        try forEachPart(path) { part in
            hash.update(data: part)
            total += Int64(part.count)
        }
        return (total, hash.finalize().hexadecimal)
    }

    /// - Parameter size: of a part, in bytes; the last may be smaller.
    package static func forEachPart(_ path: String, size: Int = 256 << 10, _ body: ([UInt8]) throws -> Void) throws {
        let descriptor: CInt = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            throw Problem(
                .fileUnreadable, "A file of the release cannot be read.", detail: "\(path): \(String(cString: strerror(errno)))",
                remedy: "Check that it is there and that this user may read it.")
        }
        defer { close(descriptor) }
        var part: [UInt8] = []
        while true {
            let count: Int = try withUnsafeTemporaryAllocation(byteCount: size, alignment: 16) { buffer in
                let count: Int = read(descriptor, buffer.baseAddress, size - part.count)
                if count < 0, errno != EINTR {
                    throw Problem(.fileUnreadable, "A file of the release cannot be read.", detail: path, remedy: "Check the disk.")
                }
                if count > 0 { part.append(contentsOf: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<count])) }
                return count
            }
            if count == 0 { break }
            if part.count == size {
                try body(part)
                part.removeAll(keepingCapacity: true)
            }
        }
        if !part.isEmpty { try body(part) }
    }
}
