import Crypto
import Glibc

/// Reads pictures from the file system, with a limit that is checked before a byte is read.
package struct PictureFile: Sendable {
    /// Endings that are taken from folders; a file named outright is read whatever it is called.
    private static let endings: Set<String> = ["jpg", "jpeg", "png"]

    private let limit: Int

    /// - Parameter limit: bytes of one file.
    package init(limit: Int) { self.limit = limit }

    /// The pictures a path stands for: itself, or for a folder the pictures in it, by name.
    /// - Throws: `.missing`, `.system`.
    package func pictures(at path: String) throws(SourceFault) -> [String] {
        var status = stat()
        guard stat(path, &status) == 0 else { throw errno == ENOENT ? .missing : .system(errno: errno) }
        guard status.st_mode & S_IFMT == S_IFDIR else { return [path] }
        guard let directory = opendir(path) else { throw .system(errno: errno) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name: String = withUnsafeBytes(of: entry.pointee.d_name) { buffer in
                String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard !name.hasPrefix("."), let dot = name.lastIndex(of: "."), Self.endings.contains(name[name.index(after: dot)...].lowercased()) else { continue }
            names.append(name)
        }
        return names.sorted().map { path.hasSuffix("/") ? path + $0 : path + "/" + $0 }
    }

    /// - Throws: `.missing`, `.notAFile`, `.tooLarge`, `.system`.
    package func read(_ path: String) throws(SourceFault) -> Frame {
        let descriptor: CInt = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw errno == ENOENT ? .missing : .system(errno: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system(errno: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile }
        let size: Int = Int(status.st_size)
        guard size <= limit else { throw .tooLarge(bytes: size, limit: limit) }
        var failure: CInt = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let got: Int = Glibc.read(descriptor, buffer.baseAddress! + count, size - count)
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = errno }
                if got <= 0 { return }
                count += got
            }
        }
        guard failure == 0 else { throw .system(errno: failure) }
        return Frame(bytes: bytes, name: path, fingerprint: Self.fingerprint(bytes, name: path))
    }

    private static func fingerprint(_ bytes: [UInt8], name: String) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: Array(name.utf8))
        hash.update(data: [0])
        hash.update(data: bytes)
        return Array(hash.finalize())
    }
}
