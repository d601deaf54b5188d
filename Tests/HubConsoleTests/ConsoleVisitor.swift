import HubAPI
import HubDomain
import TestKit
import WireModel

/// Somebody's browser without scripts: reads pages, fills their forms in and sends them as they stand.
struct ConsoleVisitor {
    let client: APIClient

    static let form: String = "Content-Type: application/x-www-form-urlencoded"

    func get(_ path: String) async throws -> APIAnswer { try await client.get(path) }

    /// Sends the form that a page has for an action, with the token that stands in it.
    /// - Parameter token: `nil` sends the page's.
    func submit(_ action: String, on page: String, _ fields: [(String, String)], token: String? = nil, headers: [String] = []) async throws -> APIAnswer {
        let html: String = try await client.get(page).text
        let found: String = PageText.matches(of: #"action="\#(action)".*?name="csrf" value="([^"]*)""#, in: html).first?[0] ?? "there is no such form"
        let body: String = (fields + [("csrf", token ?? PageText.plain(found))]).map { "\($0.0)=\($0.1.formEscaped)" }.joined(separator: "&")
        return try await client.send("POST", action, bytes: Array(body.utf8), headers: [Self.form] + headers, csrf: "")
    }
}
