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
            let work = MeteredWork(api: shared.api, permissions: shared.permission, mostUnits: shared.mostUnits(request))
            return try await MeteredCall(hub: hub, call: call, method: shared.method.rawValue).perform(work) { _ in
                let reply: RecognitionReply = try await shared.handler(request, backend, caller(passage, call.address))
                return MeteredResult(Reply(status: reply.status, body: reply.body, type: reply.body.isEmpty ? "" : MediaType.json), units: reply.units)
            }
        }
    }
}
