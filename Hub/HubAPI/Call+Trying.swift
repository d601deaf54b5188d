import HTTPTypes
import HubDomain
import RecognitionAPI
import WireModel

extension Call {
    /// Calls an API in the name of an application of the member's own, from a page, without a key: through the same gate, meter and work as
    /// a program's call.
    /// - Parameters:
    ///   - routes: what the hub serves.
    ///   - body: what a program would send.
    /// - Throws: what a program would be refused with.
    package func trying(
        _ api: APIName, among routes: [Route], path: [String: String] = [:], application: ApplicationID, body: [UInt8], hub: Hub
    ) async throws -> Reply {
        guard let route = routes.first(where: { $0.metered == api && $0.method == .post && Set($0.pathParameters) == Set(path.keys) }) else {
            throw Problem(.notFound, "There is no such API.", detail: api.rawValue, remedy: "See the catalogue.")
        }
        let passage: Passage = try await hub.pass(
            GateCall(credential: .application(application, try member.account), api: api, application: application, address: address))
        var fields: HTTPFields = [:]
        fields[.contentType] = MediaType.json
        return try await route.handler(
            Call(
                path: path, query: [:], bytes: body, body: .null, form: FormFields(), caller: .key(passage), target: target, address: address,
                language: language, headers: fields, token: ""))
    }
}
