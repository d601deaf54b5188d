import Foundation

/// A folder in memory where the system has such a thing: what is simulated is the order of events, not the speed of a disk.
package final class SimulationFolder: Sendable {
    package let path: String

    package init() throws {
        let parent: String = FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : FileManager.default.temporaryDirectory.path
        path = parent + "/vultus-simulation-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Copies of whole disks.
enum DiskImage {
    /// Copies what would survive if the power went now: everything but the memory that SQLite shares between processes.
    static func copy(_ source: String, to target: String) throws {
        let files = FileManager.default
        try files.createDirectory(atPath: target, withIntermediateDirectories: true)
        for name in try files.contentsOfDirectory(atPath: source) where !name.hasSuffix("-shm") {
            let isDirectory: Bool = name == "keys"
            if isDirectory {
                try copy(source + "/" + name, to: target + "/" + name)
            } else {
                try files.copyItem(atPath: source + "/" + name, toPath: target + "/" + name)
            }
        }
    }

    /// If it is there.
    static func copyFile(_ name: String, from source: String, to target: String) throws {
        guard FileManager.default.fileExists(atPath: source + "/" + name) else { return }
        try FileManager.default.copyItem(atPath: source + "/" + name, toPath: target + "/" + name)
    }

    static func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }
}
