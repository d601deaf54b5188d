import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

struct Problem: Decodable, Error {
    let code, title: String
    let remedy: String?
}

struct Search: Decodable {
    struct Face: Decodable {
        let outcome: String
        let score: Double?
        let threshold: Double
        let candidates: [Candidate]?
        let refusals: [String]
    }
    struct Candidate: Decodable { let label: String? }
    let faces: [Face]
}

let environment = ProcessInfo.processInfo.environment
let picture = try Data(contentsOf: URL(fileURLWithPath: environment["VULTUS_PICTURE"]!))

var request = URLRequest(url: URL(string: environment["VULTUS_URL"]! + "/v1/galleries/" + environment["VULTUS_GALLERY"]! + "/search?limit=3")!)
request.httpMethod = "POST"
request.httpBody = picture
request.setValue("Bearer " + environment["VULTUS_KEY"]!, forHTTPHeaderField: "Authorization")
request.setValue("image/jpeg", forHTTPHeaderField: "Content-Type")

let (data, response) = try await URLSession.shared.data(for: request)
guard (response as! HTTPURLResponse).statusCode == 200 else { throw try JSONDecoder().decode(Problem.self, from: data) }
let answer = try JSONDecoder().decode(Search.self, from: data)

for face in answer.faces {
    switch face.outcome {
    case "match": print("match: \(face.candidates?.first?.label ?? ""), score \(face.score ?? 0), threshold \(face.threshold)")
    case "unknown": print("unknown: nobody of this gallery")
    default: print("undecided: " + face.refusals.joined(separator: ", "))
    }
}
