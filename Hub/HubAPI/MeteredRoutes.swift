import HTTPTypes
import HubDomain
import RecognitionAPI
import WireModel

/// The shared recognition routes as routes of this hub: behind a key, metered, repeatable.
struct MeteredRoutes<Backend: RecognitionBackend> {
    let hub: Hub
    let backend: Backend
    /// Why no picture can be looked at, where none can: routes that take pictures then answer that.
    let missing: Problem?
    /// For whom the backend works, once the gate has let a key pass.
    let caller: @Sendable (Passage, _ address: String) -> Backend.Caller

    var routes: [Route] { RecognitionRoutes<Backend>.all.map(route) }

    private func route(_ shared: RecognitionRoute<Backend>) -> Route {
        Route(
            HTTPRequest.Method(shared.method.rawValue)!, shared.path, .call(shared.permission), shared.summary,
            query: shared.query.map { Route.Parameter(name: $0.name, schema: $0.schema, about: $0.about) }, body: shared.body.schema,
            mediaTypes: shared.body.mediaTypes, success: shared.success, bodyLimit: max(shared.body.limit, 1), metered: shared.api
        ) { call in
            guard case .key(let passage) = call.caller else { throw GateRefusal.keyMissing }
            if case .pictures = shared.body, let missing { throw missing }
            let request = try RecognitionRequest(
                shared, path: call.path, query: call.query.map { (name: $0.key, value: $0.value) }, contentType: call.headers[.contentType], bytes: call.bytes)
            let variant: Variant? = try await variant(call, of: shared.api, passage.account)
            // A person's erasure waits for no entitlement, payment or term (P2, S22).
            if shared.method == .delete {
                let reply: RecognitionReply = try await shared.handler(request, backend, caller(passage, call.address))
                return Reply(status: reply.status, body: reply.body, type: reply.body.isEmpty ? "" : MediaType.json)
            }
            let work = MeteredWork(
                api: variant?.api ?? shared.api, permissions: variant.map { [$0.api] } ?? shared.permission, mostUnits: shared.mostUnits(request))
            return try await MeteredCall(hub: hub, call: call, method: shared.method.rawValue).perform(work) { record in
                let reply: RecognitionReply = try await shared.handler(request, backend, caller(passage, call.address))
                guard let variant else {
                    return MeteredResult(Reply(status: reply.status, body: reply.body, type: reply.body.isEmpty ? "" : MediaType.json), units: reply.units)
                }
                return try render(reply, as: variant, record)
            }
        }
    }

    /// What the caller asked to be answered as: a variant of this very API that is the account's own.
    private func variant(_ call: Call, of api: APIName?, _ account: AccountID) async throws -> Variant? {
        guard let name = call.headers[.vultusVariant] else { return nil }
        guard let api, let variant = APIName(rawValue: name.hasPrefix(api.rawValue + ".") ? name : "\(api).\(name)"), variant.base == api,
            let found = try await hub.variant(variant, account: account)
        else {
            throw Problem(
                .notFound, "The account has no such variant of this API in force.", detail: api?.rawValue ?? "this route has none",
                remedy: "See /v1/account/variants; leave the header Vultus-Variant out for the API's own answer.")
        }
        let isTaken: Bool = found.isAnswered ? true : try await hub.takesResults(account)
        guard isTaken else {
            throw Problem(
                .conflict, "The variant's results go out by webhook, and no endpoint takes them.", detail: variant.rawValue,
                remedy: "Make or switch on a webhook for variant.result in the user centre.")
        }
        return found
    }

    /// The answer in the variant's form, or word that it goes out by webhook, or both.
    private func render(_ reply: RecognitionReply, as variant: Variant, _ record: MeteringRecordID) throws -> MeteredResult {
        let rendered: RenderedAnswer = try variant.render(reply.body, id: record.rawValue, time: hub.now())
        let answer: Reply =
            variant.isAnswered
            ? Reply(status: reply.status, body: rendered.bytes, type: rendered.mediaType)
            : try .json(Sent(record: record, records: rendered.records), status: 202)
        return MeteredResult(answer, units: reply.units, besides: hub.delivering(variant, rendered))
    }
}

/// The answer of a variant whose results go out by webhook alone.
private struct Sent: Encodable {
    let record: MeteringRecordID
    /// How many results go out.
    let records: Int
}
