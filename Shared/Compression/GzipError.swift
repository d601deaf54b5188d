/// Why bytes could not be inflated.
package enum GzipError: Error, Hashable, Sendable {
    /// Not gzip (RFC 1952), altered, or cut short.
    case damaged
    /// It holds more than the reader takes. Nothing was kept.
    case tooLarge(limit: Int)
}
