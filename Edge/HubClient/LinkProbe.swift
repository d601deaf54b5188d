import Glibc
import ServiceSupport
import WireModel

/// Which of this machine's interfaces leads to the hub at this moment, by the kernel's own decision.
package actor LinkProbe {
    private let executor = BlockingExecutor(label: "vultus.link-probe")
    private let host: String
    private let port: String

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Parameter hub: `https://host[:port]`.
    package init(hub: String) {
        let authority: Substring = hub.dropFirst("https://".count).prefix { $0 != "/" }
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            host = String(authority[authority.index(after: authority.startIndex)..<end])
            port = authority[end...].split(separator: ":").last.map(String.init).flatMap(Int.init).map(String.init) ?? "443"
        } else {
            let parts: [Substring] = authority.split(separator: ":")
            host = parts.first.map(String.init) ?? ""
            port = parts.count > 1 ? String(parts[1]) : "443"
        }
    }

    /// - Returns: `nil` when there is no way, or no such name; a sync will find out the same. Sends nothing but the question for
    ///   the hub's address.
    package func interface() -> String? {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, port, &hints, &found) == 0 else { return nil }
        defer { freeaddrinfo(found) }
        var next: UnsafeMutablePointer<addrinfo>? = found
        while let target = next?.pointee {
            if let name = Self.interface(to: target) { return name }
            next = target.ai_next
        }
        return nil
    }

    /// A connected datagram socket has the address from which it would send; nothing is sent.
    private static func interface(to target: addrinfo) -> String? {
        let descriptor: CInt = socket(target.ai_family, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var local = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let isKnown: Bool = withUnsafeMutablePointer(to: &local) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, target.ai_addr, target.ai_addrlen) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isKnown, let address = withUnsafePointer(to: &local, { $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bytes($0) } }) else { return nil }
        var interfaces: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&interfaces) == 0 else { return nil }
        defer { freeifaddrs(interfaces) }
        var next: UnsafeMutablePointer<ifaddrs>? = interfaces
        while let interface = next?.pointee {
            if let own = interface.ifa_addr, bytes(own) == address { return String(cString: interface.ifa_name) }
            next = interface.ifa_next
        }
        return nil
    }

    private static func bytes(_ address: UnsafePointer<sockaddr>) -> [UInt8]? {
        switch CInt(address.pointee.sa_family) {
        case AF_INET:
            address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { pointer in withUnsafeBytes(of: pointer.pointee.sin_addr) { Array($0) } }
        case AF_INET6:
            address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { pointer in withUnsafeBytes(of: pointer.pointee.sin6_addr) { Array($0) } }
        default: nil
        }
    }
}

/// Which links may carry a sync.
package struct LinkPolicy: Sendable, Hashable {
    /// Mobile networks, by what Linux calls their interfaces.
    package static let mobileInterfaces: [String] = ["wwan*", "ppp*", "usb*", "rmnet*"]

    package let links: DeviceConfiguration.Links
    /// Names of metered interfaces, `*` and `?` as in a shell.
    package let metered: [String]

    package init(links: DeviceConfiguration.Links, metered: [String] = LinkPolicy.mobileInterfaces) {
        self.links = links
        self.metered = metered
    }

    /// - Parameter interface: `nil`: not known, and then nothing speaks against it.
    package func allows(_ interface: String?) -> Bool {
        guard links == .unmetered, let interface else { return true }
        return !metered.contains { fnmatch($0, interface, 0) == 0 }
    }
}
