import Glibc

/// What the kernel says in small files: one line each, read whole.
enum SystemText {
    /// The first line, or `nil` when there is no such file or nothing in it.
    static func line(_ path: String) -> String? {
        let descriptor: CInt = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count: Int = read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return nil }
        let text = String(decoding: bytes[..<count].prefix { $0 != 10 && $0 != 0 }, as: UTF8.self)
        return text.isEmpty ? nil : text
    }

    /// Names in a folder, without the dots; none when it cannot be read.
    static func entries(_ path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name: String = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// The path without links, or `nil`.
    static func resolved(_ path: String) -> String? {
        guard let name = realpath(path, nil) else { return nil }
        defer { free(name) }
        return String(cString: name)
    }
}
