import Glibc

/// A process that has a device open.
package struct DeviceHolder: Hashable, Sendable, Codable {
    package let process: Int32
    /// Its short name, as `ps` shows it.
    package let name: String

    package init(process: Int32, name: String) {
        self.process = process
        self.name = name
    }

    /// Who has `path` open. Processes of other users are seen only by root.
    /// - Parameter processes: where the kernel shows processes.
    package static func all(of path: String, in processes: String = "/proc") -> [DeviceHolder] {
        guard let device = Identity(path) else { return [] }
        return entries(processes).compactMap { Int32($0) }.sorted().compactMap { process in
            let folder: String = "\(processes)/\(process)"
            guard entries(folder + "/fd").contains(where: { Identity("\(folder)/fd/\($0)") == device }) else { return nil }
            return DeviceHolder(process: process, name: SystemText.line(folder + "/comm") ?? "?")
        }
    }

    /// A character device is the same by its number, whatever node it was opened by; anything else by its place.
    private struct Identity: Equatable {
        let device: UInt64
        let node: UInt64

        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            let isDevice: Bool = status.st_mode & S_IFMT == S_IFCHR
            device = isDevice ? UInt64(status.st_rdev) : UInt64(status.st_dev)
            node = isDevice ? .max : UInt64(status.st_ino)
        }
    }

    private static func entries(_ path: String) -> [String] { SystemText.entries(path) }
}
