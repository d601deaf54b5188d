import CCurl
import Glibc

/// Lets libcurl connect to public addresses only. It sees the address of each connection itself, after every name has been
/// resolved, so a name that answers differently the second time gains nothing.
final class AddressGate {
    private var opened: Bool = false
    private var refused: InternetAddress?

    /// The last address refused, when there was none to try; `nil` otherwise.
    var refusedAll: String? { opened ? nil : refused?.description }

    func guardConnections(of handle: UnsafeMutableRawPointer) {
        vultus_curl_set_socket_opener(
            handle, { context, _, address in Unmanaged<AddressGate>.fromOpaque(context!).takeUnretainedValue().open(address!) },
            Unmanaged.passUnretained(self).toOpaque())
        // A kept connection was checked by another request's rule, and a proxy's address says nothing about the target's.
        vultus_curl_set_long(handle, CURLOPT_FRESH_CONNECT, 1)
        vultus_curl_set_long(handle, CURLOPT_FORBID_REUSE, 1)
        vultus_curl_set_text(handle, CURLOPT_PROXY, "")
    }

    private func open(_ address: UnsafePointer<curl_sockaddr>) -> curl_socket_t {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count: Int = vultus_curl_address(address, &bytes)
        let target = InternetAddress(bytes: Array(bytes.prefix(count)))
        guard target.isPublicAddress else {
            refused = target
            return -1
        }
        opened = true
        return socket(address.pointee.family, address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue), address.pointee.protocol)
    }
}
