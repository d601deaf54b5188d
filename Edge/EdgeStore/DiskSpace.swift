import Glibc

enum DiskSpace {
    /// Whether the file system of `path` has no room for even a few pages.
    static func isExhausted(at path: String) -> Bool {
        let folder: String = String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
        return free(at: folder.isEmpty ? "/" : folder) < 64 * 1024
    }

    /// Bytes free for this user on the file system of a folder; as many as there can be when that cannot be told.
    static func free(at folder: String) -> Int64 {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { return .max }
        return Int64(status.f_bavail) * Int64(status.f_frsize)
    }
}
