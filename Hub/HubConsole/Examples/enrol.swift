import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

struct Problem: Decodable, Error {
    let code, title: String
    let remedy: String?
}

struct Made: Decodable { let id: String }

struct Person: Encodable {
    struct Consent: Encodable {
        let reference, purpose: String
        let given, expires: Date
    }
    let label: String
    let consent: Consent
}

let environment = ProcessInfo.processInfo.environment

func vultus(_ path: String, _ body: Data, type: String = "application/json") async throws -> Made {
    var request = URLRequest(url: URL(string: environment["VULTUS_URL"]! + path)!)
    request.httpMethod = "POST"
    request.httpBody = body
    request.setValue("Bearer " + environment["VULTUS_KEY"]!, forHTTPHeaderField: "Authorization")
    request.setValue(type, forHTTPHeaderField: "Content-Type")
    let (data, response) = try await URLSession.shared.data(for: request)
    guard (response as! HTTPURLResponse).statusCode == 201 else { throw try JSONDecoder().decode(Problem.self, from: data) }
    return try JSONDecoder().decode(Made.self, from: data)
}

let gallery = try await vultus("/v1/galleries", JSONEncoder().encode(["name": "Back door"])).id
let consent = Person.Consent(reference: "form 17", purpose: "entrance", given: .now, expires: .now + 365 * 86_400)
let encoder = JSONEncoder()
encoder.dateEncodingStrategy = .iso8601
let person = try await vultus("/v1/galleries/\(gallery)/persons", encoder.encode(Person(label: "badge-4711", consent: consent))).id
let picture = try Data(contentsOf: URL(fileURLWithPath: environment["VULTUS_PICTURE"]!))
let template = try await vultus("/v1/galleries/\(gallery)/persons/\(person)/templates", picture, type: "image/jpeg")

print("enrolled: \(template.id)")
print("VULTUS_GALLERY=\(gallery)")
