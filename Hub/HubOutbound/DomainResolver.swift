/// Why a domain's proof could not be read. That there is none is an answer, not an error of `texts`.
package enum DomainResolverError: Error, Hashable, Sendable {
    /// No answer, or no sensible one: ask again later.
    case transient(reason: String)
    /// Not a domain name in ASCII (A-labels).
    case badName
    /// The host's certificate is not valid for the domain.
    case untrusted(reason: String)
    /// The domain points at this machine or a private network; nothing was asked there.
    case forbiddenAddress(String)
    /// Something other than 200; a redirect is not followed.
    case unexpectedStatus(Int)
    case tooLarge(limit: Int)
    /// Not UTF-8, or with control characters.
    case notText
}

/// Reads what a domain's owner has published to prove it.
package protocol DomainResolver: Sendable {
    /// The DNS TXT records of a name, each record's strings joined; none when the name does not exist.
    func texts(at name: String) async throws(DomainResolverError) -> [String]

    /// The text of `https://<domain>/.well-known/vultus-domain.txt`, at most 4 KiB.
    func wellKnownFile(of domain: String) async throws(DomainResolverError) -> String
}
