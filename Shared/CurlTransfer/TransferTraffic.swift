import CCurl
import Glibc

/// Bytes on the wire: TLS, handshakes and repetitions included, TCP and IP headers not.
package struct TransferTraffic: Sendable, Codable, Hashable {
    package var sent: Int64
    package var received: Int64

    package static let none = TransferTraffic(sent: 0, received: 0)

    package init(sent: Int64, received: Int64) {
        self.sent = sent
        self.received = received
    }

    package var total: Int64 { sent + received }

    package static func - (later: TransferTraffic, earlier: TransferTraffic) -> TransferTraffic {
        TransferTraffic(sent: later.sent - earlier.sent, received: later.received - earlier.received)
    }
}

/// Adds up what the kernel counts on the sockets of one handle: libcurl's own figures know nothing of TLS.
final class TrafficMeter {
    private(set) var total: TransferTraffic = .none
    /// Of the sockets still open, what is in the total already.
    private var counted: [curl_socket_t: TransferTraffic] = [:]

    /// A connection keeps the context it was made with: this object must outlive the handle.
    func watch(_ handle: UnsafeMutableRawPointer) {
        vultus_curl_set_socket_closer(
            handle, { context, socket in Unmanaged<TrafficMeter>.fromOpaque(context!).takeUnretainedValue().close(socket) },
            Unmanaged.passUnretained(self).toOpaque())
    }

    func read(_ socket: curl_socket_t) {
        var (sent, received): (UInt64, UInt64) = (0, 0)
        guard socket >= 0, vultus_socket_traffic(socket, &sent, &received) != 0 else { return }
        let now = TransferTraffic(sent: Int64(sent), received: Int64(received))
        let more: TransferTraffic = now - (counted[socket] ?? .none)
        total.sent += more.sent
        total.received += more.received
        counted[socket] = now
    }

    private func close(_ socket: curl_socket_t) -> CInt {
        read(socket)
        counted[socket] = nil
        return Glibc.close(socket)
    }
}
