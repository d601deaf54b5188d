import Glibc

enum DiskSpace {
    /// Whether the file system of `path` has no room for even a few pages.
    static func isExhausted(at path: String) -> Bool {
        var status = statvfs()
        let folder: String = String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
        guard statvfs(folder.isEmpty ? "/" : folder, &status) == 0 else { return false }
        return Int(status.f_bavail) * Int(status.f_frsize) < 64 * 1024
    }
}
