import Compression
import HTTPTypes
import Hummingbird
import WireModel

/// The content coding of bodies, both ways: gzip on the routes that have it, nothing else anywhere.
enum BodyCoding {
    /// An answer smaller than this gains nothing.
    private static let smallestCompressed: Int = 512

    /// - Parameter limit: bytes of the body once inflated: what a request claims to hold is not believed.
    static func decode(_ sent: [UInt8], of request: Request, on route: Route, limit: Int) throws(Problem) -> [UInt8] {
        let coding: String = (request.headers[.contentEncoding] ?? "identity").lowercased()
        guard route.isCompressible, coding != "identity" else { return sent }
        guard coding == "gzip" || coding == "x-gzip" else {
            throw Problem(
                .mediaTypeUnsupported, "The body's content coding is not known here.", detail: String(coding.prefix(40)),
                remedy: "Send it with Content-Encoding: gzip, or without.")
        }
        do {
            return try Gzip.inflate(sent, limit: limit)
        } catch {
            switch error {
            case .tooLarge(let limit):
                throw Problem(.bodyTooLarge, "The request inflates to more than is taken.", detail: "at most \(limit) bytes", remedy: "Send less at a time.")
            case .damaged:
                throw Problem(
                    .invalidRequest, "The body is not gzip, was altered, or was cut short.", detail: "\(sent.count) bytes",
                    remedy: "Send it again; Content-Encoding names one gzip member (RFC 1952).")
            }
        }
    }

    static func encode(_ body: [UInt8], for request: Request, on route: Route, headers: inout HTTPFields) -> [UInt8] {
        guard route.isCompressible else { return body }
        headers[.vary] = "Accept-Encoding"
        guard body.count >= smallestCompressed, accepts(request.headers[.acceptEncoding] ?? "") else { return body }
        headers[.contentEncoding] = "gzip"
        return Gzip.compress(body)
    }

    /// `gzip;q=0` is a refusal (RFC 9110 §12.5.3).
    private static func accepts(_ field: String) -> Bool {
        field.lowercased().split(separator: ",").contains { item in
            let parts: [Substring] = item.split(separator: ";").map { $0.drop { $0 == " " } }
            let isRefused: Bool = parts.dropFirst().contains { $0.filter { $0 != " " }.hasPrefix("q=0") && !$0.contains(where: { "123456789".contains($0) }) }
            return parts.first?.filter({ $0 != " " }) == "gzip" && !isRefused
        }
    }
}
