import Glibc

/// The cameras of this machine.
package enum CameraList {
    /// Every node that captures video and may be opened, in the order of their numbers, and why others may not.
    package static func survey() -> (cameras: [CameraDevice], faults: [CameraFault]) {
        var (cameras, faults): ([CameraDevice], [CameraFault]) = ([], [])
        let links: [String: [String]] = self.links()
        for path in nodes() {
            do throws(CameraFault) {
                if let camera = try describe(path, links: links[path] ?? []) { cameras.append(camera) }
            } catch {
                // Gone between the listing and the opening: no longer a camera, and no fault.
                if case .disconnected = error { continue }
                faults.append(error)
            }
        }
        return (cameras, faults)
    }

    /// - Returns: `nil` for a node that is not a camera.
    private static func describe(_ path: String, links: [String]) throws(CameraFault) -> CameraDevice? {
        let node = try VideoNode(path)
        guard let identity = try node.identity() else { return nil }
        return CameraDevice(
            path: path, card: identity.card, driver: identity.driver, bus: identity.bus, serial: serial(of: path), links: links, formats: node.formats())
    }

    private static func nodes() -> [String] {
        SystemText.entries("/dev").filter { $0.hasPrefix("video") }.compactMap { Int($0.dropFirst(5)) }.sorted().map { "/dev/video\($0)" }
    }

    /// A USB device's serial number lies above its interface in the kernel's tree.
    private static func serial(of path: String) -> String? {
        SystemText.line("/sys/class/video4linux/\(path.dropFirst("/dev/".count))/device/../serial")
    }

    /// udev's links, by the node they lead to.
    private static func links() -> [String: [String]] {
        var links: [String: [String]] = [:]
        for folder in ["/dev/v4l/by-id", "/dev/v4l/by-path"] {
            for name in SystemText.entries(folder).sorted() {
                if let node = SystemText.resolved("\(folder)/\(name)") { links[node, default: []].append("\(folder)/\(name)") }
            }
        }
        return links
    }
}
