import Foundation
import Glibc
import Synchronization

/// A TCP proxy between a device and a real hub that cuts, resets, truncates, delays and stalls what goes through it, at the byte.
///
/// It knows nothing of TLS: what it does to a connection is what a network can do. ``arm(_:)`` decides what happens to the next
/// bytes, on a connection that is open already or the next to come, so that every byte of an exchange can be the last one.
package final class ChaosProxy: Sendable {
    package enum Direction: Sendable, CaseIterable { case up, down }

    package enum Fate: Sendable {
        case pass
        /// The first `after` bytes in this direction get through; then both sides see the end (FIN).
        case truncate(Direction, after: Int)
        /// The same, and both sides see a reset (RST): what they have not read by then may be lost.
        case reset(Direction, after: Int)
        /// The same, and nobody sees anything: the connection stays open and says nothing more.
        case stall(Direction, after: Int)
        /// Every part waits before it goes on.
        case delay(milliseconds: Int)
    }

    private struct State {
        var fate: Fate = .pass
        var passed: [Direction: Int] = [:]
        var hits: Int = 0
        var isHit: Bool = false
    }

    package let port: Int
    private let listener: CInt
    private let target: UInt16
    private let state = Mutex(State())

    /// - Parameter port: of the hub, on this machine.
    package init(to port: Int) throws {
        target = UInt16(port)
        let listener: CInt = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = Self.address(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound: Bool = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 64) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRNOTAVAIL) }
        self.port = Int(UInt16(bigEndian: address.sin_port))
        self.listener = listener
        Thread.detachNewThread { [weak self] in
            while case let client = accept(listener, nil, nil), client >= 0 {
                guard let self else {
                    close(client)
                    break
                }
                self.open(client)
            }
            close(listener)
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    package var url: String { "https://127.0.0.1:\(port)" }

    /// What happens from now on, counted from this moment.
    package func arm(_ fate: Fate) {
        state.withLock {
            $0.fate = fate
            $0.passed = [:]
            $0.isHit = false
        }
    }

    /// Bytes since ``arm(_:)``.
    package func passed(_ direction: Direction) -> Int { state.withLock { $0.passed[direction, default: 0] } }

    /// How many fates came true: a cut that lies beyond an exchange's last byte does not.
    package var hits: Int { state.withLock { $0.hits } }

    fileprivate enum Verdict {
        case pass(milliseconds: Int)
        case end(passing: Int, isReset: Bool)
        case swallow(passing: Int)
    }

    /// What becomes of the next `count` bytes.
    fileprivate func judge(_ direction: Direction, _ count: Int) -> Verdict {
        state.withLock { state in
            let before: Int = state.passed[direction, default: 0]
            state.passed[direction] = before + count
            func strike(_ struck: Direction, _ after: Int) -> Int? {
                guard struck == direction, before + count > after else { return nil }
                if !state.isHit { state.hits += 1 }
                state.isHit = true
                return max(0, after - before)
            }
            switch state.fate {
            case .pass: return .pass(milliseconds: 0)
            case .delay(let milliseconds):
                if !state.isHit { state.hits += 1 }
                state.isHit = true
                return .pass(milliseconds: milliseconds)
            case .truncate(let struck, let after):
                guard let rest = strike(struck, after) else { return .pass(milliseconds: 0) }
                return .end(passing: rest, isReset: false)
            case .reset(let struck, let after):
                guard let rest = strike(struck, after) else { return .pass(milliseconds: 0) }
                return .end(passing: rest, isReset: true)
            case .stall(let struck, let after):
                guard let rest = strike(struck, after) else { return .pass(milliseconds: 0) }
                return .swallow(passing: rest)
            }
        }
    }

    private func open(_ client: CInt) {
        let hub: CInt = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = Self.address(target)
        let isConnected: Bool = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(hub, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 }
        }
        guard isConnected else {
            close(client)
            close(hub)
            return
        }
        let connection = ChaosConnection(client: client, hub: hub)
        for direction in Direction.allCases {
            Thread.detachNewThread { [weak self] in connection.pump(direction) { self?.judge(direction, $0) ?? .end(passing: 0, isReset: true) } }
        }
    }

    private static func address(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}

/// One connection's two sockets, closed once both its threads have left them.
private final class ChaosConnection: Sendable {
    private let client: CInt
    private let hub: CInt
    private let pumps = Mutex(2)

    init(client: CInt, hub: CInt) {
        self.client = client
        self.hub = hub
        for descriptor in [client, hub] {
            var on: CInt = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<CInt>.size))
        }
    }

    func pump(_ direction: ChaosProxy.Direction, judge: (Int) -> ChaosProxy.Verdict) {
        let (source, target): (CInt, CInt) = direction == .up ? (client, hub) : (hub, client)
        var chunk = [UInt8](repeating: 0, count: 16 * 1024)
        var isSilent: Bool = false
        loop: while case let count = recv(source, &chunk, chunk.count, 0), count > 0 {
            if isSilent { continue }
            switch judge(count) {
            case .pass(let milliseconds):
                if milliseconds > 0 { usleep(UInt32(milliseconds) * 1_000) }
                guard write(chunk, count, to: target) else { break loop }
            case .swallow(let passing):
                _ = write(chunk, passing, to: target)
                isSilent = true
            case .end(let passing, let isReset):
                _ = write(chunk, passing, to: target)
                if isReset { for descriptor in [client, hub] { resetOnClose(descriptor) } }
                if !isReset { shutdown(target, Int32(SHUT_WR)) }
                break loop
            }
        }
        // Wakes the other thread; only a close without a former FIN sends a reset.
        for descriptor in [client, hub] { shutdown(descriptor, Int32(SHUT_RD)) }
        let isLast: Bool = pumps.withLock {
            $0 -= 1
            return $0 == 0
        }
        if isLast { for descriptor in [client, hub] { close(descriptor) } }
    }

    private func write(_ bytes: [UInt8], _ count: Int, to target: CInt) -> Bool {
        var written: Int = 0
        while written < count {
            let part: Int = bytes.withUnsafeBytes { send(target, $0.baseAddress! + written, count - written, Int32(MSG_NOSIGNAL)) }
            if part <= 0 { return false }
            written += part
        }
        return true
    }

    private func resetOnClose(_ descriptor: CInt) {
        var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
    }
}
