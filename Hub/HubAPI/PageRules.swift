import HTTPTypes
import HubDomain

/// What makes a route a page that people use: its form carries the session's token in its body, and a refusal is a page as well.
package struct PageRules: Sendable {
    /// What a person is answered where the route's rule or its work refused.
    package let refusal: @Sendable (any Error, RefusedPage) async throws -> Reply

    package init(refusal: @escaping @Sendable (any Error, RefusedPage) async throws -> Reply) { self.refusal = refusal }
}

/// What is known of a request that was refused before it became a call.
package struct RefusedPage: Sendable {
    /// Path and query as they were sent.
    package let target: String
    package let language: Language
    package let headers: HTTPFields
}
