import CurlTransfer
import ServiceSupport
import WireModel

/// Asks the DNS through glibc's resolver, and the domain's own host through libcurl.
package actor SystemDomainResolver: DomainResolver {
    private static let path: String = "/.well-known/vultus-domain.txt"
    private static let largestFile: Int = 4096

    private let executor = BlockingExecutor(label: "vultus.domain-resolver")
    private let query: TextQuery
    private let allowPrivateAddresses: Bool
    private let trust: TransferTrust
    private let port: Int
    private let transfer: CurlTransfer

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - dnsServer: `127.0.0.1:5353`, `[::1]:5353`; without a port, 53; `nil` for the system's. For TXT records only: the host of a
    ///     well-known file is found as the system finds hosts.
    ///   - allowPrivateAddresses: whether a domain may point into private networks. Whoever may name domains can then reach them.
    ///   - caFile: PEM of the only authorities believed; `nil` for the system's.
    ///   - dnsTimeout: of one query in whole seconds; each server is asked twice.
    ///   - httpsPort: other than 443 only for tests and demonstrations.
    package init(
        dnsServer: String? = nil, allowPrivateAddresses: Bool = false, caFile: String? = nil, dnsTimeout: Duration = .seconds(3), httpsPort: Int = 443
    ) throws(Problem) {
        guard let query = TextQuery(server: dnsServer, timeout: dnsTimeout) else {
            throw Problem(
                .invalidRequest, "That is not the address of a DNS server.", detail: dnsServer ?? "",
                remedy: "Write it as 127.0.0.1:53 or [::1]:53.")
        }
        self.query = query
        self.allowPrivateAddresses = allowPrivateAddresses
        trust = caFile.map { .file($0) } ?? .system
        port = httpsPort
        do {
            transfer = try CurlTransfer()
        } catch {
            throw Problem(.internalFault, "The network library failed.", remedy: "Run `vultus-hub doctor` and report its output.")
        }
    }

    package func texts(at name: String) async throws(DomainResolverError) -> [String] {
        guard Self.isName(name) else { throw .badName }
        return try query.run(name)
    }

    package func wellKnownFile(of domain: String) async throws(DomainResolverError) -> String {
        guard Self.isName(domain) else { throw .badName }
        let address: String = port == 443 ? "https://\(domain)" : "https://\(domain):\(port)"
        let request = HTTPExchange(
            url: address + Self.path, headers: ["Accept: text/plain"], userAgent: "vultus-hub", trust: trust, timeout: .seconds(10),
            largestAnswer: Self.largestFile, refusesPrivateAddresses: !allowPrivateAddresses)
        let answer: HTTPAnswer
        do {
            answer = try transfer.exchange(request)
        } catch {
            throw DomainResolverError(error)
        }
        guard answer.status == 200 else { throw .unexpectedStatus(answer.status) }
        guard let text = String(validating: answer.body, as: UTF8.self), !text.utf8.contains(where: { $0 == 127 || ($0 < 32 && !(9...13).contains($0)) }) else {
            throw .notText
        }
        return text
    }

    /// Labels of letters, digits, `-` and `_`: nothing that a URL or a zone file reads as anything else.
    private static func isName(_ name: String) -> Bool {
        let labels: [Substring] = (name.hasSuffix(".") ? name.dropLast() : name[...]).split(separator: ".", omittingEmptySubsequences: false)
        return name.utf8.count <= 254
            && labels.allSatisfy { (1...63).contains($0.utf8.count) && $0.utf8.allSatisfy { $0.isAlphanumeric || "-_".utf8.contains($0) } }
    }
}

extension DomainResolverError {
    fileprivate init(_ fault: CurlTransferError) {
        switch fault {
        case .couldNotConnect(let reason), .cut(let reason): self = .transient(reason: reason)
        case .timedOut: self = .transient(reason: "no answer in time")
        case .untrusted(let reason): self = .untrusted(reason: reason)
        case .clientCertificateRefused: self = .transient(reason: "the TLS connection was refused")
        case .badAddress: self = .badName
        case .tooLarge(let limit): self = .tooLarge(limit: limit)
        case .forbiddenAddress(let address): self = .forbiddenAddress(address)
        case .library(let code, let reason): self = .transient(reason: "libcurl \(code): \(reason)")
        case .refused, .sessionRefused, .notOffered: self = .transient(reason: "not of an HTTP exchange")
        }
    }
}
