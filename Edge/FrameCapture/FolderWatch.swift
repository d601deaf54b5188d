import Glibc

/// Watches files and folders: each picture is offered once it has stopped growing, and again when it changes.
///
/// Polling, because it works on every file system, network mounts included; one listing per interval.
package actor FolderWatch {
    private struct Stamp: Hashable {
        let size: Int64
        let modifiedNanoseconds: Int64
    }

    private let paths: [String]
    private let files: PictureFile
    private var offered: [String: Stamp] = [:]
    private var growing: [String: Stamp] = [:]

    package init(paths: [String], files: PictureFile) {
        self.paths = paths
        self.files = files
    }

    /// The pictures that are new or changed since the last call. A picture still being written is left for a later one.
    /// - Parameter settled: take files as they are: for a single pass over what is there.
    package func next(settled: Bool = false) -> [String] {
        var ready: [String] = []
        var seen: Set<String> = []
        for path in paths {
            for picture in (try? files.pictures(at: path)) ?? [] where seen.insert(picture).inserted {
                guard let stamp = Self.stamp(picture), offered[picture] != stamp else { continue }
                if settled || growing[picture] == stamp {
                    offered[picture] = stamp
                    growing[picture] = nil
                    ready.append(picture)
                } else {
                    growing[picture] = stamp
                }
            }
        }
        offered = offered.filter { seen.contains($0.key) }
        growing = growing.filter { seen.contains($0.key) }
        return ready
    }

    private static func stamp(_ path: String) -> Stamp? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Stamp(size: Int64(status.st_size), modifiedNanoseconds: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec))
    }
}
