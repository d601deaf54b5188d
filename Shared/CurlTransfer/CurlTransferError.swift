/// Why a transfer had no answer.
package enum CurlTransferError: Error, Hashable, Sendable {
    /// No connection: refused, no route, no such name. Retry later.
    case couldNotConnect(reason: String)
    /// No answer in time. Retry later.
    case timedOut
    /// The peer's certificate is not from an authority that is believed. Nothing was sent. Fatal until somebody looks.
    case untrusted(reason: String)
    /// The peer did not accept the client's certificate.
    case clientCertificateRefused
    /// Not an address of the kind asked for.
    case badAddress
    /// The connection ended, or could not be secured, before the answer was complete. Retry later.
    case cut(reason: String)
    /// The answer is larger than the caller takes.
    case tooLarge(limit: Int)
    /// Every address of the host is one that a server on the open network does not have; the last one. Nothing was sent.
    case forbiddenAddress(String)
    /// The SMTP server refused this message; `reply` is 4xx (retry later) or 5xx (never).
    case refused(reply: Int, reason: String)
    /// The SMTP server refused the session before any message: its greeting, or the credentials. Says nothing about the message.
    case sessionRefused(reply: Int, reason: String)
    /// The SMTP server lacks what this message or the policy needs: `STARTTLS`, `SMTPUTF8`. Nothing of the message was sent.
    case notOffered(extension: String)
    /// libcurl itself failed. `reason` is libcurl's own and holds nothing that was sent.
    case library(code: UInt32, reason: String)
}
