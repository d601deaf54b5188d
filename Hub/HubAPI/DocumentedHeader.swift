import RecognitionAPI

/// A header that callers of metered routes send or get, as the documents tell of it.
package struct DocumentedHeader: Sendable {
    package enum Place: Sendable {
        case request
        /// A request that changes something.
        case writingRequest
        case answer
        /// Of an answer with one of these statuses.
        case refusal(Set<Int>)
    }

    package let name: String
    package let place: Place
    package let about: String
    let schema: Schema

    package static let all: [DocumentedHeader] = [
        DocumentedHeader(
            name: "Authorization", place: .request, about: "“Bearer” and the API key; X-API-Key with the key alone is taken too", schema: .text(1...500)),
        DocumentedHeader(
            name: "Idempotency-Key", place: .writingRequest,
            about: "1 to 255 visible characters of your choice: the same call sent again gets the same answer and is charged once", schema: .text(1...255)),
        DocumentedHeader(name: "Accept-Language", place: .request, about: "en or zh, for the sentences of refusals", schema: .text(1...200)),
        DocumentedHeader(
            name: "Vultus-Variant", place: .request, about: "a variant of the API that was made for the account: its answer's form, price and allowance",
            schema: .text(1...64)),
        DocumentedHeader(
            name: "RateLimit", place: .answer, about: "of each limit: r, calls that are left, and t, seconds until all of it is there again",
            schema: .text(1...500)),
        DocumentedHeader(
            name: "RateLimit-Policy", place: .answer, about: "of each limit: q calls in w seconds; key, application or account by its name",
            schema: .text(1...500)),
        DocumentedHeader(name: "Vultus-Units", place: .answer, about: "units that the call was charged", schema: .text(1...20)),
        DocumentedHeader(name: "Vultus-Record", place: .answer, about: "the call's metering record, which the statement opens into", schema: .text(1...64)),
        DocumentedHeader(name: "Idempotency-Replayed", place: .answer, about: "true where the answer is the first one's repetition", schema: .text(1...10)),
        DocumentedHeader(
            name: "Vultus-Agreement-Pending", place: .answer, about: "agreements in force that the account has yet to accept while grace lasts",
            schema: .text(1...500)),
        DocumentedHeader(name: "X-Request-Id", place: .answer, about: "name it when you report something", schema: .text(1...100)),
        DocumentedHeader(name: "Retry-After", place: .refusal([409, 429, 503]), about: "seconds after which the same call may pass", schema: .text(1...10)),
    ]
}
